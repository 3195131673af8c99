#include "render/view.hpp"

namespace madoguchi::render {

View& View::set(std::string_view name, std::string_view value) {
    values_.insert_or_assign(std::string(name), std::string(value));
    return *this;
}

View& View::show(std::string_view section) {
    auto& children = sections_[std::string(section)];
    if (children.empty()) {
        children.emplace_back();
    }
    return *this;
}

View& View::add(std::string_view section) {
    return sections_[std::string(section)].emplace_back();
}

const std::string* View::find(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? nullptr : &found->second;
}

bool View::shows(std::string_view section) const {
    return sections_.find(section) != sections_.end();
}

}  // namespace madoguchi::render
