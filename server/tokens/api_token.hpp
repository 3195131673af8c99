// Rules of API tokens: what a scope opens, where a token may be used from, how long it lives. Pure.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "directory/roles.hpp"

namespace madoguchi::tokens {

enum class Scope {
    directory_read,
    organizations_write,
    accounts_write,
    accounts_reset,
    roles_write,
    reports_read,
    reports_write,
    audit_read,
};
inline constexpr std::array kScopes = {Scope::directory_read, Scope::organizations_write, Scope::accounts_write,
                                       Scope::accounts_reset, Scope::roles_write,         Scope::reports_read,
                                       Scope::reports_write,  Scope::audit_read};
/// "accounts:write"
std::string_view to_text(Scope scope);
std::optional<Scope> scope(std::string_view text);
/// What it opens of its maker's permissions. Whoever may change accounts may also see them.
std::span<const directory::Permission> permissions_of(Scope scope);
/// Of all of them, each once.
std::vector<directory::Permission> permissions_of(const std::vector<Scope>& scopes);

/// Addresses from which a token may be used: CIDR blocks (RFC 4632, RFC 4291 §2.3). "192.0.2.7" is "192.0.2.7/32".
class SourceRange {
public:
    /// Errors: invalid (`sources`: address_range).
    static Result<SourceRange> parse(std::string_view text);
    /// As RFC 5952 writes it, with its length: "192.0.2.0/24". Bits behind the length are zero.
    const std::string& text() const { return text_; }
    bool contains(const std::string& address) const;

private:
    std::string text_;
    std::string bytes_;  // of the network: 4 or 16
    int length_ = 0;
};

/// A token that names no range may be used from anywhere.
bool may_come_from(const std::vector<SourceRange>& ranges, const std::string& address);

/// Does it look like one of ours? Cheap: asked at every request.
bool is_token(std::string_view bearer);
/// The part that a list shows, enough to tell tokens apart and far from enough to guess one.
std::string hint_of(std::string_view token);
inline constexpr std::string_view kTokenPrefix = "mdg_";

}  // namespace madoguchi::tokens
