#include "signin/browser_name.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace madoguchi::signin {
namespace {

using Mark = std::pair<std::string_view, std::string_view>;

// The first mark that occurs decides: Edge and Opera call themselves Chrome too, and everybody Safari.
constexpr std::array<Mark, 8> kBrowsers = {{{"Edg", "Edge"},
                                            {"OPR/", "Opera"},
                                            {"SamsungBrowser/", "Samsung Internet"},
                                            {"Firefox/", "Firefox"},
                                            {"FxiOS/", "Firefox"},
                                            {"CriOS/", "Chrome"},
                                            {"Chrome/", "Chrome"},
                                            {"Safari/", "Safari"}}};
constexpr std::array<Mark, 7> kSystems = {{{"Windows", "Windows"},
                                           {"Android", "Android"},
                                           {"iPhone", "iPhone"},
                                           {"iPad", "iPad"},
                                           {"Mac OS X", "Mac"},
                                           {"CrOS", "ChromeOS"},
                                           {"Linux", "Linux"}}};

template <std::size_t N>
std::string_view named(std::string_view text, const std::array<Mark, N>& marks) {
    const auto found =
        std::ranges::find_if(marks, [&](const Mark& mark) { return text.find(mark.first) != std::string_view::npos; });
    return found == marks.end() ? std::string_view() : found->second;
}

}  // namespace

std::string browser_name(std::string_view user_agent) {
    const std::string browser(named(user_agent, kBrowsers));
    const std::string system(named(user_agent, kSystems));
    return browser.empty() || system.empty() ? browser + system : browser + " (" + system + ")";
}

}  // namespace madoguchi::signin
