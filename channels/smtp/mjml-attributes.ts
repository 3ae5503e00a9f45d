/** Attributes of the elements of MJML, from its documentation. */
const words = (text: string): string[] => text.split(" ");

const PADDING = words("padding padding-top padding-right padding-bottom padding-left");
const FONT = words("color font-family font-size font-style font-weight line-height letter-spacing text-decoration text-transform");
const BORDER = words("border border-top border-right border-bottom border-left border-radius");
const INNER_BORDER = BORDER.map((name) => `inner-${name}`);
const BACKGROUND = words(
  "background-color background-url background-position background-position-x background-position-y background-repeat background-size",
);
const LINK = words("href rel target title name");
const SECTION = [...words("direction full-width text-align text-padding"), ...BACKGROUND, ...BORDER, ...PADDING];
const ICON = words(
  "icon-align icon-height icon-position icon-width icon-wrapped-url icon-wrapped-alt icon-unwrapped-url icon-unwrapped-alt",
);
const SOCIAL = [
  ...words("align background-color border-radius icon-size icon-height icon-padding inner-padding text-padding vertical-align"),
  ...[...FONT, ...PADDING],
];

/** Every element has these. */
const COMMON = ["css-class", "mj-class"];

const OF: Readonly<Record<string, readonly string[]>> = {
  mjml: words("owa lang dir version"),
  "mj-body": words("background-color width lang dir"),
  "mj-breakpoint": ["width"],
  "mj-font": words("name href"),
  "mj-style": ["inline"],
  "mj-raw": ["position"],
  "mj-section": SECTION,
  "mj-wrapper": SECTION,
  "mj-group": words("background-color direction vertical-align width"),
  "mj-column": [...words("background-color inner-background-color direction vertical-align width"), ...BORDER, ...INNER_BORDER, ...PADDING],
  "mj-hero": [
    ...words("mode height width align background-height background-width inner-background-color vertical-align border-radius"),
    ...words("inner-padding inner-padding-top inner-padding-right inner-padding-bottom inner-padding-left"),
    ...[...BACKGROUND, ...PADDING],
  ],
  "mj-text": [...words("align background-color container-background-color height vertical-align"), ...FONT, ...PADDING],
  "mj-button": [
    ...words("align background-color container-background-color height width inner-padding text-align vertical-align"),
    ...[...LINK, ...FONT, ...BORDER, ...PADDING],
  ],
  "mj-image": [
    ...words("src alt align srcset sizes usemap width height max-height container-background-color fluid-on-mobile font-size"),
    ...[...LINK, ...BORDER, ...PADDING],
  ],
  "mj-table": [
    ...words("align cellpadding cellspacing container-background-color role table-layout vertical-align width"),
    ...[...FONT, ...BORDER, ...PADDING],
  ],
  "mj-divider": [...words("align border-color border-style border-width container-background-color width"), ...PADDING],
  "mj-spacer": [...words("container-background-color height vertical-align width"), ...BORDER, ...PADDING],
  "mj-social": [...words("mode container-background-color table-layout"), ...SOCIAL],
  "mj-social-element": [...words("src alt srcset sizes icon-position"), ...LINK, ...SOCIAL],
  "mj-navbar": [
    ...words("align base-url hamburger ico-align ico-close ico-color ico-font-family ico-font-size ico-line-height ico-open"),
    ...words("ico-padding ico-padding-top ico-padding-right ico-padding-bottom ico-padding-left ico-text-decoration ico-text-transform"),
    ...PADDING,
  ],
  "mj-navbar-link": [...LINK, ...FONT, ...PADDING],
  "mj-carousel": [
    ...words("align container-background-color icon-width left-icon right-icon tb-border tb-border-radius tb-hover-border-color"),
    ...words("tb-selected-border-color tb-width thumbnails border-radius"),
    ...PADDING,
  ],
  "mj-carousel-image": words("src alt href rel target title thumbnails-src border-radius tb-border tb-border-radius"),
  "mj-accordion": [...words("border container-background-color font-family"), ...ICON, ...PADDING],
  "mj-accordion-element": [...words("background-color border font-family"), ...ICON],
  "mj-accordion-title": [...words("background-color"), ...FONT, ...PADDING],
  "mj-accordion-text": [...words("background-color"), ...FONT, ...PADDING],
};

const ALL = [...new Set(Object.values(OF).flat())];

/** The attributes of an element; those that set defaults for several take all. Undefined where the element has none of its own. */
export function attributesOf(element: string): readonly string[] | undefined {
  if (element === "mj-all" || element === "mj-class") return ["name", ...COMMON, ...ALL];
  return Object.hasOwn(OF, element) ? [...COMMON, ...(OF[element] ?? [])] : undefined;
}
