-- Files of daily reports are read in as files of organizations are: the same two tables serve both, told apart by `kind`.
alter table organization_imports rename to file_imports;
alter sequence organization_imports_id_seq rename to file_imports_id_seq;
alter table file_imports add column kind text not null default 'organizations' check (kind in ('organizations', 'reports'));
alter table file_imports alter column kind drop default;
alter index organization_imports_path rename to file_imports_path;
drop index organization_imports_making;
create index file_imports_making on file_imports (kind, id) where state = 'making';

alter table organization_import_rows rename to file_import_rows;
alter table file_import_rows rename column parent_id to organization_id;    -- below which, or of which the row tells
alter table file_import_rows add column outcome text not null default '';   -- the receipt of a report
alter table file_import_rows add column finished_at timestamptz;
alter index organization_import_rows_state rename to file_import_rows_state;
