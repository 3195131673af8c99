#include "http/method.hpp"

#include <array>

namespace madoguchi::http {
namespace {

constexpr std::array<std::string_view, kMethodCount> kNames = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};

}  // namespace

std::string_view name_of(Method method) {
    return kNames.at(static_cast<std::size_t>(method));
}

std::optional<Method> method_from(std::string_view name) {
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (kNames[i] == name) {
            return static_cast<Method>(i);
        }
    }
    return std::nullopt;
}

}  // namespace madoguchi::http
