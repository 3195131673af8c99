// The console's pages of API tokens (/tokens): list, make, show the secret once, revoke.
#pragma once

#include "directory/console_pages.hpp"
#include "tokens/token_service.hpp"

namespace madoguchi::tokens {

/// Leads to "confirm it's you" and back to a path of ours.
using AskToConfirm = std::function<http::Response(std::string_view next)>;

void add_token_pages(directory::Console& console, TokenService& tokens, AskToConfirm ask_to_confirm);

}  // namespace madoguchi::tokens
