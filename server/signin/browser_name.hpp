// Names a browser and its system out of a User-Agent header, for a list of sessions. Pure; for people's eyes only,
// because a client may say what it likes.
#pragma once

#include <string>
#include <string_view>

namespace madoguchi::signin {

/// "Chrome (Windows)"; empty where nothing is known.
std::string browser_name(std::string_view user_agent);

}  // namespace madoguchi::signin
