// Who is asking: given to the api functions of rooms below sign-in by the composition root.
#pragma once

#include <functional>

#include "directory/authorization.hpp"
#include "http/request.hpp"

namespace madoguchi::directory {

/// Errors: unauthenticated (session_lost), unavailable.
using Guard = std::function<Result<Principal>(const http::Request&)>;

}  // namespace madoguchi::directory
