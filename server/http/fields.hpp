// Names and values of a query or a form, in the order in which they came.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace madoguchi::http {

class Fields {
public:
    /// The first value of this name.
    std::optional<std::string> find(std::string_view name) const;
    /// The first value, or "" if there is none.
    std::string text(std::string_view name) const;
    const std::vector<std::pair<std::string, std::string>>& all() const { return pairs_; }
    void add(std::string name, std::string value) { pairs_.emplace_back(std::move(name), std::move(value)); }

private:
    std::vector<std::pair<std::string, std::string>> pairs_;
};

/// application/x-www-form-urlencoded, and queries. At most limits::kFormFields. Errors: invalid (`malformed_request`).
Result<Fields> parse_urlencoded(std::string_view text);

}  // namespace madoguchi::http
