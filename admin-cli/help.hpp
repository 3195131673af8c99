#pragma once

#include <string>

#include "admin-cli/command_line.hpp"

namespace madoguchi::admin_cli {

/// Help of the program, of the invocation's group or of its command.
std::string render_help(const Invocation& invocation);

}  // namespace madoguchi::admin_cli
