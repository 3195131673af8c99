// Rules of organizations: the tree's kinds, names and codes. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "directory/roles.hpp"

namespace madoguchi::directory {

struct Organization {
    OrganizationId id;
    OrganizationKind kind = OrganizationKind::facility;
    OrganizationId parent;
    std::string path;
    int prefecture_code = 0;  // 0: none
    std::string name;
    std::string kana;
    std::string institution_code;       // empty: none
    std::string local_government_code;  // empty: none
    std::string phone;
    std::string postal_code;
    std::string address;
    std::string state = "active";
    int version = 1;  // counts changes, so that a form of an earlier one is noticed
    Instant created_at;
};

/// As typed; empty where nothing was.
struct CreateOrganization {
    OrganizationKind kind = OrganizationKind::facility;
    OrganizationId parent;
    std::string name;
    std::string kana;
    std::string institution_code;
    std::string local_government_code;
    std::string phone;
    std::string postal_code;
    std::string address;
};

struct CheckedOrganization {
    Organization organization;          // without id, parent's path and time
    std::vector<std::string> warnings;  // message ids
};

/// Which kind may stand directly below which.
bool may_stand_below(OrganizationKind kind, OrganizationKind parent);

/// Folds and checks every field. A facility needs an institution code, a prefecture its local government code.
/// Errors: invalid, naming each field and its rule.
Result<CheckedOrganization> check(const CreateOrganization& command, OrganizationKind parent_kind,
                                  int parent_prefecture);

}  // namespace madoguchi::directory
