#include "directory/grant_lines.hpp"

#include <charconv>

namespace madoguchi::directory {
namespace {

std::string_view next_part(std::string_view& text, char separator) {
    const auto end = text.find(separator);
    const auto part = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return part;
}

std::int64_t number(std::string_view text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

std::vector<Grant> grants_of_lines(std::string_view lines) {
    std::vector<Grant> out;
    while (!lines.empty()) {
        auto line = next_part(lines, '\n');
        Grant grant;
        grant.id = {number(next_part(line, '|'))};
        grant.role = role(next_part(line, '|')).value();
        grant.organization.id = {number(next_part(line, '|'))};
        grant.organization.kind = organization_kind(next_part(line, '|')).value();
        grant.organization.path = next_part(line, '|');
        grant.from = from_microseconds(number(next_part(line, '|')));
        if (const auto until = next_part(line, '|'); !until.empty()) {
            grant.until = from_microseconds(number(until));
        }
        grant.organization.name = line;
        out.push_back(std::move(grant));
    }
    return out;
}

}  // namespace madoguchi::directory
