// Somebody's grants as one column of a view: a line a grant, so that who is asking is one statement.
#pragma once

#include <string_view>
#include <vector>

#include "directory/authorization.hpp"

namespace madoguchi::directory {

/// "id|role|organization id|kind|path|from|until|name", a line a grant, as session_identities and api_token_identities
/// write them.
std::vector<Grant> grants_of_lines(std::string_view lines);

}  // namespace madoguchi::directory
