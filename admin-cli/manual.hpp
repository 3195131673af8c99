// The manual page, written from the table of commands: what --help says, for man. Pure.
#pragma once

#include <string>

#include "admin-cli/command.hpp"

namespace madoguchi::admin_cli {

/// Section 1, in the man macros of groff; UTF-8.
std::string manual_page(Language language);

}  // namespace madoguchi::admin_cli
