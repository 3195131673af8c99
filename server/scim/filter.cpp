#include "scim/filter.hpp"

#include <algorithm>
#include <array>

#include "base/scim_limits.hpp"
#include "scim/date_time.hpp"

namespace madoguchi::scim {
namespace {

constexpr std::array<std::string_view, 10> kOperators = {"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"};

tl::unexpected<Error> bad_filter(std::string_view at) {
    constexpr std::size_t kShown = 60;
    return failure(Error{.kind = ErrorKind::invalid,
                         .message_id = "scim_filter",
                         .values = {{"at", at.size() <= kShown ? std::string(at) : std::string()}}});
}

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '$' || c == ':' || c == '.';
}

bool is_name(std::string_view word) {
    return !word.empty() && ((word.front() >= 'a' && word.front() <= 'z') ||
                             (word.front() >= 'A' && word.front() <= 'Z') || word.front() == '$');
}

// RFC 7644 figure 1, by recursive descent: or < and < not, parentheses and brackets. Each level of the recursion is
// counted, so that a hostile filter ends in an error and not at the end of the stack.
class Parser {
public:
    explicit Parser(std::string_view text) : rest_(text) {}

    Result<Filter> whole() {
        auto filter = TRY(alternatives(0));
        skip_spaces();
        return rest_.empty() ? Result<Filter>(std::move(filter)) : bad_filter(rest_);
    }

    Result<PatchPath> path() {
        PatchPath out{.attribute = std::string(word())};
        if (!is_name(out.attribute)) {
            return bad_filter(rest_);
        }
        if (take('[')) {
            out.filter = TRY(alternatives(1));
            skip_spaces();
            if (!take(']')) {
                return bad_filter(rest_);
            }
            if (take('.')) {
                out.part = word();
                if (!is_name(out.part)) {
                    return bad_filter(rest_);
                }
            }
        }
        return rest_.empty() ? Result<PatchPath>(std::move(out)) : bad_filter(rest_);
    }

private:
    using Level = Result<Filter> (Parser::*)(int);

    Result<Filter> alternatives(int depth) { return chain(depth, "or", Filter::Kind::any, &Parser::conjunction); }
    Result<Filter> conjunction(int depth) { return chain(depth, "and", Filter::Kind::all, &Parser::term); }

    Result<Filter> chain(int depth, std::string_view between, Filter::Kind kind, Level level) {
        auto first = TRY((this->*level)(depth));
        if (!take_word(between)) {
            return first;
        }
        Filter out{.kind = kind};
        out.parts.push_back(std::move(first));
        do {
            out.parts.push_back(TRY((this->*level)(depth)));
        } while (take_word(between));
        return out;
    }

    Result<Filter> term(int depth) {
        skip_spaces();
        if (depth >= limits::kScimFilterDepth || ++terms_ > limits::kScimFilterTerms) {
            return bad_filter(rest_);
        }
        if (take('(')) {
            return closed(depth, ')');
        }
        const auto before = rest_;
        const auto name = word();
        if (same_name(name, "not") && next_is('(')) {
            skip_spaces();
            take('(');
            Filter out{.kind = Filter::Kind::negation};
            out.parts.push_back(TRY(closed(depth, ')')));
            return out;
        }
        if (!is_name(name)) {
            return bad_filter(before);
        }
        if (take('[')) {
            if (in_brackets_) {
                return bad_filter(before);
            }
            in_brackets_ = true;
            Filter out{.kind = Filter::Kind::value_path, .attribute = std::string(name)};
            out.parts.push_back(TRY(closed(depth, ']')));
            in_brackets_ = false;
            return out;
        }
        return comparison(name);
    }

    Result<Filter> closed(int depth, char end) {
        auto inner = TRY(alternatives(depth + 1));
        skip_spaces();
        return take(end) ? Result<Filter>(std::move(inner)) : bad_filter(rest_);
    }

    Result<Filter> comparison(std::string_view name) {
        skip_spaces();
        const auto before = rest_;
        const auto sign = word();
        const auto found = std::ranges::find_if(kOperators, [&](auto one) { return same_name(one, sign); });
        if (found == kOperators.end()) {
            return bad_filter(before);
        }
        Filter out{.attribute = std::string(name), .compare = static_cast<Operator>(found - kOperators.begin())};
        if (out.compare == Operator::pr) {
            return out;
        }
        if (!rest_.starts_with(' ')) {
            return bad_filter(before);
        }
        skip_spaces();
        const auto token = value_token();
        out.value = nlohmann::json::parse(token, nullptr, /*allow_exceptions=*/false);
        if (out.value.is_discarded() || out.value.is_structured()) {
            return bad_filter(token.empty() ? rest_ : token);
        }
        return out;
    }

    // Text in quotes up to the closing one, or a bare word: a number, true, false, null.
    std::string_view value_token() {
        std::size_t end = 0;
        if (rest_.starts_with('"')) {
            for (end = 1; end < rest_.size() && rest_[end] != '"'; ++end) {
                end += rest_[end] == '\\' ? 1 : 0;
            }
            end = std::min(end + 1, rest_.size());
        } else {
            end = std::min(rest_.find_first_of(" )]"), rest_.size());
        }
        const auto token = rest_.substr(0, end);
        rest_.remove_prefix(end);
        return token;
    }

    std::string_view word() {
        std::size_t end = 0;
        while (end < rest_.size() && is_name_character(rest_[end])) {
            ++end;
        }
        const auto found = rest_.substr(0, end);
        rest_.remove_prefix(end);
        return found;
    }
    bool take_word(std::string_view wanted) {
        const auto before = rest_;
        const bool spaced = rest_.starts_with(' ');
        skip_spaces();
        if (spaced && same_name(word(), wanted) && (rest_.starts_with(' ') || rest_.starts_with('('))) {
            return true;
        }
        rest_ = before;
        return false;
    }
    bool next_is(char wanted) const {
        const auto at = rest_.find_first_not_of(' ');
        return at != std::string_view::npos && rest_[at] == wanted;
    }
    bool take(char wanted) {
        const bool there = rest_.starts_with(wanted);
        rest_.remove_prefix(there ? 1 : 0);
        return there;
    }
    void skip_spaces() { rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size())); }

    std::string_view rest_;
    std::size_t terms_ = 0;
    bool in_brackets_ = false;
};

// What a complex multi-valued attribute is compared by where no part is named: RFC 7643 §2.4, `value`.
const Attribute* compared(const Resolved& resolved) {
    if (resolved.part != nullptr) {
        return resolved.part;
    }
    const auto* const attribute = resolved.definition;
    return attribute != nullptr && attribute->type == Type::complex ? find(attribute->parts, "value") : attribute;
}

bool fits(const Filter& filter, const Attribute& attribute) {
    const bool ordered = filter.compare >= Operator::gt && filter.compare <= Operator::le;
    const bool partial = filter.compare >= Operator::co && filter.compare <= Operator::ew;
    const auto& value = filter.value;
    if (value.is_null()) {
        return filter.compare == Operator::eq || filter.compare == Operator::ne;
    }
    switch (attribute.type) {
        case Type::boolean:
            return value.is_boolean() && !ordered && !partial;
        case Type::integer:
            return value.is_number() && !partial;
        case Type::date_time:
            return value.is_string() && (partial || instant_of(value.get_ref<const std::string&>()).has_value());
        case Type::text:
        case Type::reference:
            return value.is_string();
        case Type::complex:
            break;
    }
    return false;
}

// Finds what a name means: on a resource, or among the parts of one attribute.
struct OnType {
    const ResourceType& type;
    std::optional<Resolved> operator()(const std::string& name) const { return resolve(type, name); }
};
struct OnAttribute {
    const Attribute& attribute;
    std::optional<Resolved> operator()(const std::string& name) const {
        const auto* const part = find(attribute.parts, name);
        return part == nullptr ? std::nullopt
                               : std::optional(Resolved{.path = {.attribute = part->name}, .definition = part});
    }
};

template <class Lookup>
Result<void> check_with(const Filter& filter, const Lookup& lookup) {
    if (filter.kind == Filter::Kind::comparison || filter.kind == Filter::Kind::value_path) {
        const auto resolved = lookup(filter.attribute);
        if (!resolved) {
            return bad_filter(filter.attribute);
        }
        if (resolved->definition == nullptr) {
            return {};  // taken and not kept: nothing ever matches
        }
        if (filter.kind == Filter::Kind::value_path) {
            const bool complex = resolved->definition->type == Type::complex && resolved->part == nullptr;
            return complex ? check_with(filter.parts[0], OnAttribute{*resolved->definition})
                           : Result<void>(bad_filter(filter.attribute));
        }
        const auto* const attribute = compared(*resolved);
        const bool good = filter.compare == Operator::pr || (attribute != nullptr && fits(filter, *attribute));
        return good ? Result<void>() : bad_filter(filter.attribute);
    }
    for (const auto& part : filter.parts) {
        TRY(check_with(part, lookup));
    }
    return {};
}

std::string_view text_of(const nlohmann::json& value) {
    return value.is_string() ? std::string_view(value.get_ref<const std::string&>()) : std::string_view();
}

bool part_matches(Operator sign, std::string_view text, std::string_view wanted) {
    return sign == Operator::co   ? text.find(wanted) != std::string_view::npos
           : sign == Operator::sw ? text.starts_with(wanted)
                                  : text.ends_with(wanted);
}

bool value_matches(const Filter& filter, const nlohmann::json& value, const Attribute& attribute) {
    switch (filter.compare) {
        case Operator::co:
        case Operator::sw:
        case Operator::ew:
            return attribute.case_exact
                       ? part_matches(filter.compare, text_of(value), text_of(filter.value))
                       : part_matches(filter.compare, lower(text_of(value)), lower(text_of(filter.value)));
        case Operator::gt:
            return compare(value, filter.value, attribute) > 0;
        case Operator::ge:
            return compare(value, filter.value, attribute) >= 0;
        case Operator::lt:
            return compare(value, filter.value, attribute) < 0;
        case Operator::le:
            return compare(value, filter.value, attribute) <= 0;
        default:
            return compare(value, filter.value, attribute) == 0;
    }
}

bool is_there(const nlohmann::json& value) {
    return !value.is_null() && !(value.is_structured() && value.empty()) &&
           !(value.is_string() && value.get_ref<const std::string&>().empty());
}

bool comparison_matches(const Filter& filter, const nlohmann::json& resource, const Resolved& resolved) {
    const auto* const attribute = compared(resolved);
    auto path = resolved.path;
    const bool by_value = filter.compare != Operator::pr && resolved.part == nullptr &&
                          resolved.definition != nullptr && resolved.definition->type == Type::complex;
    if (by_value) {
        path.part = "value";
    }
    const auto values = values_at(resource, path);
    const bool present = std::ranges::any_of(values, [](const auto* value) { return is_there(*value); });
    if (filter.compare == Operator::pr) {
        return present;
    }
    if (filter.value.is_null()) {
        return present == (filter.compare == Operator::ne);
    }
    const bool found = attribute != nullptr && std::ranges::any_of(values, [&](const auto* value) {
                           return value_matches(filter, *value, *attribute);
                       });
    return found != (filter.compare == Operator::ne);
}

template <class Lookup>
bool matches_with(const Filter& filter, const nlohmann::json& resource, const Lookup& lookup) {
    const auto meets = [&](const Filter& part) { return matches_with(part, resource, lookup); };
    switch (filter.kind) {
        case Filter::Kind::all:
            return std::ranges::all_of(filter.parts, meets);
        case Filter::Kind::any:
            return std::ranges::any_of(filter.parts, meets);
        case Filter::Kind::negation:
            return !meets(filter.parts[0]);
        case Filter::Kind::comparison:
        case Filter::Kind::value_path:
            break;
    }
    const auto resolved = lookup(filter.attribute);
    if (!resolved) {
        return false;
    }
    if (filter.kind == Filter::Kind::comparison) {
        return comparison_matches(filter, resource, *resolved);
    }
    return resolved->definition != nullptr &&
           std::ranges::any_of(values_at(resource, resolved->path), [&](const auto* value) {
               return matches_with(filter.parts[0], *value, OnAttribute{*resolved->definition});
           });
}

std::string joined(const std::vector<Filter>& parts, std::string_view between) {
    std::string out;
    for (const auto& part : parts) {
        out += (out.empty() ? "(" : std::string(between)) + to_text(part);
    }
    return out + ")";
}

}  // namespace

Result<Filter> parse_filter(std::string_view text) {
    return text.size() <= limits::kScimFilterBytes ? Parser(text).whole() : bad_filter({});
}

Result<PatchPath> parse_path(std::string_view text) {
    auto path = text.size() <= limits::kScimFilterBytes ? Parser(text).path() : bad_filter({});
    return path ? std::move(path) : bad_path(std::string(text.substr(0, 100)));
}

std::string to_text(const Filter& filter) {
    switch (filter.kind) {
        case Filter::Kind::all:
            return joined(filter.parts, " and ");
        case Filter::Kind::any:
            return joined(filter.parts, " or ");
        case Filter::Kind::negation:
            return "not (" + to_text(filter.parts[0]) + ")";
        case Filter::Kind::value_path:
            return filter.attribute + "[" + to_text(filter.parts[0]) + "]";
        case Filter::Kind::comparison:
            break;
    }
    const auto sign = std::string(kOperators.at(static_cast<std::size_t>(filter.compare)));
    return filter.attribute + " " + sign + (filter.compare == Operator::pr ? "" : " " + filter.value.dump());
}

Result<void> check_filter(const Filter& filter, const ResourceType& type) {
    return check_with(filter, OnType{type});
}
Result<void> check_filter(const Filter& filter, const Attribute& attribute) {
    return check_with(filter, OnAttribute{attribute});
}
bool matches(const Filter& filter, const nlohmann::json& resource, const ResourceType& type) {
    return matches_with(filter, resource, OnType{type});
}
bool matches(const Filter& filter, const nlohmann::json& value, const Attribute& attribute) {
    return matches_with(filter, value, OnAttribute{attribute});
}

std::vector<const nlohmann::json*> values_at(const nlohmann::json& resource, const AttributePath& path) {
    std::vector<const nlohmann::json*> found = {&resource};
    for (const auto* name : {&path.schema, &path.attribute, &path.part}) {
        if (name->empty()) {
            continue;
        }
        std::vector<const nlohmann::json*> next;
        for (const auto* from : found) {
            const auto value = from->is_object() ? from->find(*name) : from->end();
            if (value == from->end()) {
                continue;
            }
            if (!value->is_array()) {
                next.push_back(&*value);
            } else {
                std::ranges::transform(*value, std::back_inserter(next), [](const auto& one) { return &one; });
            }
        }
        found = std::move(next);
    }
    return found;
}

int compare(const nlohmann::json& left, const nlohmann::json& right, const Attribute& attribute) {
    const auto sign = [](const auto& one, const auto& other) { return one < other ? -1 : other < one ? 1 : 0; };
    if (attribute.type == Type::date_time) {
        return sign(instant_of(text_of(left)), instant_of(text_of(right)));
    }
    if (left.is_string() && right.is_string()) {
        return attribute.case_exact ? sign(text_of(left), text_of(right))
                                    : sign(lower(text_of(left)), lower(text_of(right)));
    }
    return sign(left, right);
}

}  // namespace madoguchi::scim
