-- The two roles of an installation. The owner migrates; the service owns nothing and can't pass by row-level security (S16).
SELECT 'CREATE ROLE madoguchi_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS'
 WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'madoguchi_owner') \gexec
SELECT 'CREATE ROLE madoguchi_service LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS'
 WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'madoguchi_service') \gexec
