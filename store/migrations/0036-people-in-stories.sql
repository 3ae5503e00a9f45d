-- Contacts of people in a story, beside which a customer may have thousands of deliveries. Touches of deliveries are not in it.
create index touches_by_people on touches (customer_id, at desc) where counted and kind <> 'delivery';
