// Issuing thousands at once over the API: rows in, a result for each, progress, letters.
#pragma once

#include <functional>

#include "accounts/batch_service.hpp"
#include "accounts/letter_service.hpp"
#include "directory/guard.hpp"
#include "http/route_table.hpp"
#include "render/texts.hpp"

namespace madoguchi::accounts {

struct BatchApiParts {
    BatchService& batches;
    LetterService& letters;
    const render::Texts& texts;
    directory::Guard guard;
    std::function<void()> confirmed;  // wakes the worker
};

void add_batch_api(http::RouteTable& routes, const BatchApiParts& parts);

}  // namespace madoguchi::accounts
