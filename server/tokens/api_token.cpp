#include "tokens/api_token.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "base/token_limits.hpp"

namespace madoguchi::tokens {
namespace {

using directory::Permission;

constexpr std::array kDirectoryRead = {Permission::read_directory};
constexpr std::array kOrganizationsWrite = {Permission::read_directory, Permission::create_organization};
constexpr std::array kAccountsWrite = {Permission::read_directory, Permission::issue_account};
constexpr std::array kAccountsReset = {Permission::read_directory, Permission::reset_account,
                                       Permission::unlock_account};
constexpr std::array kRolesWrite = {Permission::read_directory, Permission::assign_role};
constexpr std::array kReportsRead = {Permission::see_reports};
constexpr std::array kReportsWrite = {Permission::see_reports, Permission::report_own, Permission::report_proxy,
                                      Permission::correct_reports};
constexpr std::array kAuditRead = {Permission::read_own_audit, Permission::read_audit};

constexpr std::size_t kHintCharacters = 10;

// The address in network order: 4 or 16 bytes, or none.
std::string bytes_of(const std::string& address) {
    std::string bytes(sizeof(in6_addr), '\0');
    if (inet_pton(AF_INET, address.c_str(), bytes.data()) == 1) {
        bytes.resize(sizeof(in_addr));
        return bytes;
    }
    return inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1 ? bytes : std::string();
}

std::string text_of(const std::string& bytes) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = bytes.size() == sizeof(in_addr) ? AF_INET : AF_INET6;
    const char* written = inet_ntop(family, bytes.data(), text.data(), static_cast<socklen_t>(text.size()));
    return written == nullptr ? std::string() : std::string(written);
}

// The first `length` bits, the others zero.
std::string network_of(std::string bytes, int length) {
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        const int kept = std::clamp(length - static_cast<int>(at) * 8, 0, 8);
        const unsigned mask = kept == 0 ? 0U : (0xFFU << (8 - kept)) & 0xFFU;
        bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) & mask);
    }
    return bytes;
}

}  // namespace

std::string_view to_text(Scope scope) {
    switch (scope) {
        case Scope::directory_read:
            return "directory:read";
        case Scope::organizations_write:
            return "organizations:write";
        case Scope::accounts_write:
            return "accounts:write";
        case Scope::accounts_reset:
            return "accounts:reset";
        case Scope::roles_write:
            return "roles:write";
        case Scope::reports_read:
            return "reports:read";
        case Scope::reports_write:
            return "reports:write";
        case Scope::audit_read:
            break;
    }
    return "audit:read";
}

std::optional<Scope> scope(std::string_view text) {
    const auto* const found = std::ranges::find(kScopes, text, [](Scope one) { return to_text(one); });
    return found == kScopes.end() ? std::nullopt : std::optional(*found);
}

std::span<const Permission> permissions_of(Scope scope) {
    switch (scope) {
        case Scope::directory_read:
            return kDirectoryRead;
        case Scope::organizations_write:
            return kOrganizationsWrite;
        case Scope::accounts_write:
            return kAccountsWrite;
        case Scope::accounts_reset:
            return kAccountsReset;
        case Scope::roles_write:
            return kRolesWrite;
        case Scope::reports_read:
            return kReportsRead;
        case Scope::reports_write:
            return kReportsWrite;
        case Scope::audit_read:
            break;
    }
    return kAuditRead;
}

std::vector<Permission> permissions_of(const std::vector<Scope>& scopes) {
    std::vector<Permission> out;
    for (const Scope scope : scopes) {
        for (const Permission permission : permissions_of(scope)) {
            if (std::ranges::find(out, permission) == out.end()) {
                out.push_back(permission);
            }
        }
    }
    return out;
}

Result<SourceRange> SourceRange::parse(std::string_view text) {
    const auto refused = invalid_field("sources", "address_range");
    const auto slash = text.find('/');
    const auto bytes = bytes_of(std::string(text.substr(0, slash)));
    if (bytes.empty()) {
        return refused;
    }
    const int longest = static_cast<int>(bytes.size()) * 8;
    int length = longest;
    if (slash != std::string_view::npos) {
        const auto digits = text.substr(slash + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
        if (error != std::errc() || end != digits.data() + digits.size() || length < 0 || length > longest) {
            return refused;
        }
    }
    SourceRange range;
    range.bytes_ = network_of(bytes, length);
    range.length_ = length;
    range.text_ = text_of(range.bytes_) + "/" + std::to_string(length);
    return range;
}

bool SourceRange::contains(const std::string& address) const {
    const auto bytes = bytes_of(address);
    return bytes.size() == bytes_.size() && network_of(bytes, length_) == bytes_;
}

bool may_come_from(const std::vector<SourceRange>& ranges, const std::string& address) {
    return ranges.empty() ||
           std::ranges::any_of(ranges, [&](const SourceRange& range) { return range.contains(address); });
}

bool is_token(std::string_view bearer) {
    return bearer.size() == limits::kTokenCharacters && bearer.starts_with(kTokenPrefix);
}

std::string hint_of(std::string_view token) {
    return std::string(token.substr(0, kHintCharacters));
}

}  // namespace madoguchi::tokens
