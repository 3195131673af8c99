// A value that must not be printed, logged or left in memory: wiped when it goes, read only by an explicit reveal().
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace madoguchi {

template <class T>
class Secret;

template <>
class Secret<std::string> {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}
    Secret(const Secret&) = default;
    Secret& operator=(const Secret&) = default;
    Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.wipe(); }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            wipe();
            value_ = std::move(other.value_);
            other.wipe();
        }
        return *this;
    }
    ~Secret() { wipe(); }

    const std::string& reveal() const { return value_; }
    bool empty() const { return value_.empty(); }

private:
    void wipe() {
        volatile char* bytes = value_.data();
        for (std::size_t i = 0; i < value_.size(); ++i) {
            bytes[i] = 0;
        }
        value_.clear();
    }

    std::string value_;
};

using SecretText = Secret<std::string>;

}  // namespace madoguchi
