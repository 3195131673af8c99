#include "http/conditional.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "base/encoding.hpp"
#include "base/field_errors.hpp"
#include "http/ascii.hpp"

namespace madoguchi::http {
namespace {

constexpr std::size_t kTagBytes = 16;

// RFC 9110 §8.8.3: a weak tag never matches strongly, so "W/..." is passed over.
bool names(std::string_view list, const std::string& tag) {
    while (!list.empty()) {
        const auto one = trim(take_until(list, ','));
        if (one == tag || one == "*") {
            return true;
        }
    }
    return false;
}

}  // namespace

std::string entity_tag(std::string_view version) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(version.data()), version.size(), digest.data());
    const std::string_view bytes(reinterpret_cast<const char*>(digest.data()), kTagBytes);
    return '"' + to_base64url(bytes) + '"';
}

Result<void> require_match(const Request& request, const std::string& tag) {
    if (request.headers.count("if-match") == 0) {
        return failure(ErrorKind::conflict, "if_match_required");
    }
    return match_if_asked(request, tag);
}

Result<void> match_if_asked(const Request& request, const std::string& tag) {
    const auto asked = request.header("if-match");
    if (asked && !names(*asked, tag)) {
        return failure(ErrorKind::conflict, "changed_meanwhile");
    }
    return {};
}

Result<void> known_query(const Request& request, std::initializer_list<std::string_view> names) {
    FieldErrors errors;
    for (const auto& [name, value] : request.query.all()) {
        if (std::ranges::find(names, name) == names.end()) {
            errors.add(name, "field_unknown");
        }
    }
    return std::move(errors).result();
}

}  // namespace madoguchi::http
