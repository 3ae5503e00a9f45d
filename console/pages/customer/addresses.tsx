import { type ReactNode, useState } from "react";
import type { Profile } from "../../../domain/record/profile.ts";
import type { LiftView } from "../../../operations/views.ts";
import { pathOf } from "../../api/client.ts";
import { useAct } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Panel } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { Trouble } from "../../parts/trouble.tsx";
import { plain } from "../../values/visible.ts";
import styles from "./customer.module.css";

type Gone = Profile["gone"][number];

interface AddressesProps {
  readonly profile: Profile;
  readonly mayLift: boolean;
}

/** Addresses and other identities; those that reach nobody, with what making one usable again means. */
export function Addresses({ profile: { customerId, identities, gone }, mayLift }: AddressesProps): ReactNode {
  const [lifted, setLifted] = useState<Gone>();
  return (
    <Panel title="Addresses">
      <ul>
        {identities.map(({ type, value, source, findsOther }) => (
          <li key={`${type} ${value}`}>
            {plain(type)}: <Said text={value} />, by {plain(source)}
            {findsOther && "; it finds another customer, who had it first"}
          </li>
        ))}
        {identities.length === 0 && <li>None is known.</li>}
      </ul>
      {gone.map((one) => (
        <p key={`${one.type} ${one.value}`} className={styles["tools"]}>
          <span>
            {plain(one.type)} <Said text={one.value} /> reaches nobody: <Said text={one.reason} /> ({plain(one.source)},{" "}
            <Time at={one.at} />)
          </span>
          {mayLift && <Button onClick={() => setLifted(one)}>Use it again…</Button>}
        </p>
      ))}
      {lifted && <Lift customerId={customerId} gone={lifted} onClose={() => setLifted(undefined)} />}
    </Panel>
  );
}

// --- internal ---

interface LiftProps {
  readonly customerId: string;
  readonly gone: Gone;
  readonly onClose: () => void;
}

function Lift({ customerId, gone: { type, value, reason, at }, onClose }: LiftProps): ReactNode {
  const lift = useAct<LiftView>(
    () => ({ path: pathOf("/v1/customers/{id}/lift", customerId), body: { address: value } }),
    ["customer", "audit"],
  );
  return (
    <Dialog title="Use this address again?" onClose={onClose}>
      <p>
        <Said text={value} /> ({plain(type)}) was given up <Time at={at} />: <Said text={reason} />.
      </p>
      <p>
        After this, messages may be sent to it again, and the customer is decided again at once. If it still reaches nobody, the provider
        says so and it is given up again.
      </p>
      {lift.error && <Trouble error={lift.error} />}
      <div className={styles["tools"]}>
        <Button look="main" busy={lift.isPending} onClick={() => lift.mutate(undefined, { onSuccess: onClose })}>
          Use it again
        </Button>
        <Button onClick={onClose}>Leave it</Button>
      </div>
    </Dialog>
  );
}
