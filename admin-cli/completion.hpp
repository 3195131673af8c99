// Completion for bash and zsh, written from the table of commands. Pure.
#pragma once

#include <string>

#include "admin-cli/command.hpp"

namespace madoguchi::admin_cli {

/// To be sourced, or kept as /usr/share/bash-completion/completions/madoguchi-admin. Needs bash alone.
std::string bash_completion();
/// With descriptions; to be kept as _madoguchi-admin in a folder of $fpath.
std::string zsh_completion(Language language);

}  // namespace madoguchi::admin_cli
