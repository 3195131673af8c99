-- Rows that are written and then changed once or more while somebody signs in: room on the page lets PostgreSQL change
-- them there (HOT), without touching an index.
alter table throttles set (fillfactor = 50);
alter table sign_in_flows set (fillfactor = 50);
alter table second_steps set (fillfactor = 80);
alter table sessions set (fillfactor = 80);
