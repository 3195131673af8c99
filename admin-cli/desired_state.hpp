// What a file for `apply` says should be: organizations, accounts and roles, by codes and names that people know.
// Pure. YAML in nested form, or CSV (RFC 4180) with a row a thing and a column `record` that says what it is.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin-cli/outcome.hpp"
#include "admin-cli/texts.hpp"

namespace madoguchi::admin_cli {

/// Fields as the API names them; only those that the file names are compared.
using Fields = std::map<std::string, std::string>;

struct DesiredOrganization {
    int line = 0;
    std::string key;     // institution or local government code, id, or name: how the file calls it
    std::string parent;  // likewise; empty where the file says nothing
    std::string kind;
    std::string state;  // "active", "closed", or empty
    Fields fields;
};

struct DesiredRole {
    std::string role;
    std::string organization;  // empty: the account's own
    std::string until;         // a day or a time; empty: without end
};

struct DesiredAccount {
    int line = 0;
    std::string organization;
    std::string login_id;                           // empty: found by its name at its organization
    std::string state;                              // "active", "suspended", "closed", or empty
    Fields fields;                                  // names
    std::optional<std::vector<DesiredRole>> roles;  // named: exactly these; nothing: left alone

    std::string name() const;
};

struct DesiredState {
    std::vector<DesiredOrganization> organizations;
    std::vector<DesiredAccount> accounts;
};

/// Errors: invalid_input, naming the line: no YAML, a field that nobody knows, a value that is no text.
Outcome<DesiredState> desired_of_yaml(std::string_view text, Language language);
Outcome<DesiredState> desired_of_csv(std::string_view text, Language language);

/// RFC 4180, quotes doubled, CRLF or LF; with the line on which each row begins.
struct CsvRow {
    int line = 0;
    std::vector<std::string> cells;
};
std::vector<CsvRow> csv_rows(std::string_view text);

}  // namespace madoguchi::admin_cli
