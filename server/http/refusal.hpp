#pragma once

#include "base/result.hpp"

namespace madoguchi::http {

/// An error that has an HTTP status of its own (405, 413, 415 ...), which no ErrorKind stands for.
struct Refusal {
    int status = 400;
    Error error = {};
};

inline tl::unexpected<Refusal> refuse(int status, std::string message_id, std::string detail = {}) {
    return tl::unexpected<Refusal>(Refusal{
        status, Error{.kind = ErrorKind::invalid, .message_id = std::move(message_id), .detail = std::move(detail)}});
}

}  // namespace madoguchi::http
