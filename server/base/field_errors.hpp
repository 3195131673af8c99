// Collects every bad field of a command, so that a person is told all of them at once.
#pragma once

#include <utility>

#include "base/result.hpp"

namespace madoguchi {

class FieldErrors {
public:
    void add(std::string field, std::string message_id, std::map<std::string, std::string> values = {}) {
        errors_.push_back({std::move(field), std::move(message_id), std::move(values)});
    }
    /// Takes the value of a good result; notes the fields of a bad one and returns nothing.
    template <class T>
    std::optional<T> take(Result<T> result) {
        if (result) {
            return std::move(*result);
        }
        for (auto& field : result.error().fields) {
            errors_.push_back(std::move(field));
        }
        return std::nullopt;
    }
    bool empty() const { return errors_.empty(); }
    Result<void> result() && {
        if (errors_.empty()) {
            return {};
        }
        return failure(Error{.kind = ErrorKind::invalid, .message_id = "invalid_fields", .fields = std::move(errors_)});
    }

private:
    std::vector<FieldError> errors_;
};

}  // namespace madoguchi
