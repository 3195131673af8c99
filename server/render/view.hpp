// What a page shows: values, and sections that are shown once for each child. Knows nothing of the template engine.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>

namespace madoguchi::render {

class View {
public:
    using Values = std::map<std::string, std::string, std::less<>>;
    /// A deque, so that a child that add() gave stays where it is when the next one is added.
    using Children = std::deque<View>;
    using Sections = std::map<std::string, Children, std::less<>>;

    /// Sets a value of this view; a later one replaces it. Returns this view, to go on.
    View& set(std::string_view name, std::string_view value);
    /// Shows a section that has no values of its own; a second time changes nothing. Returns this view, to go on.
    View& show(std::string_view section);
    /// Shows a section once more and returns the new child. Values and sections of this view are visible in it.
    View& add(std::string_view section);

    const std::string* find(std::string_view name) const;
    bool shows(std::string_view section) const;
    const Values& values() const { return values_; }
    const Sections& sections() const { return sections_; }

private:
    Values values_;
    Sections sections_;
};

}  // namespace madoguchi::render
