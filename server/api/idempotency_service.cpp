#include "api/idempotency_service.hpp"

#include <nlohmann/json.hpp>

#include "base/api_limits.hpp"
#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "base/retention_limits.hpp"
#include "crypto/one_time_secrets.hpp"

namespace madoguchi::api {
namespace {

using http::Request;
using http::Response;

constexpr std::string_view kHeader = "idempotency-key";

// One asker's key is not another's, and a script's not its maker's.
std::string asker_of(const directory::Principal& principal) {
    const std::int64_t token = principal.limits ? principal.limits->token.value : 0;
    return std::to_string(principal.account.value) + "." + std::to_string(token);
}

// Lengths are told, so that no two requests read alike.
std::string written(const Request& request) {
    return request.path + " " + std::to_string(request.query.all().size()) + " " + request.raw_target + " " +
           std::to_string(request.body.size()) + "\n" + request.body;
}

std::string context_of(const std::string& key_digest) {
    return "idempotency:" + key_digest;
}

}  // namespace

http::Handler IdempotencyService::once(http::Handler handler) {
    return [this, handler = std::move(handler)](const Request& request) {
        return request.headers.count(kHeader) == 0 ? handler(request) : run(handler, request);
    };
}

Result<Response> IdempotencyService::run(const http::Handler& handler, const Request& request) {
    const auto key = request.header(kHeader).value_or("");
    if (request.headers.count(kHeader) > 1 || !is_key(key)) {
        return invalid_field("Idempotency-Key", "idempotency_key_form",
                             {{"maximum", std::to_string(limits::kIdempotencyKeyCharacters)}});
    }
    const auto principal = parts_.guard(request);
    if (!principal) {
        return handler(request);  // signing in has no asker yet; elsewhere it says the same
    }
    const auto key_digest = crypto::digest_lookup(parts_.token_key, "idempotency", asker_of(*principal) + " " + key);
    const auto request_digest = crypto::digest_lookup(parts_.token_key, "idempotent_request", written(request));
    std::optional<StoredKey> stored;
    TRY(parts_.database.transact(Actor::system(), [&](db::Transaction& tx) -> Result<void> {
        const bool claimed =
            TRY(store_.claim(tx, key_digest, request_digest, request.now, request.now + limits::kIdempotencyKept));
        stored = claimed ? std::nullopt : TRY(store_.find(tx, key_digest));
        return {};
    }));
    if (stored) {
        TRY(may_repeat(*stored, request_digest, request.now));
        return answer_again(*stored, key_digest);
    }
    auto result = handler(request);
    if (result) {
        // What was done was done: the first asker is told, even where a repetition can't be.
        static_cast<void>(keep(key_digest, *result));
    } else if (frees_key(result.error())) {
        TRY(parts_.database.transact(Actor::system(),
                                     [&](db::Transaction& tx) { return store_.release(tx, key_digest); }));
    }
    return result;
}

Result<void> IdempotencyService::keep(const std::string& key_digest, const Response& response) {
    std::string sealed;
    if (response.body.size() <= limits::kIdempotencyAnswerBytes) {
        auto headers = nlohmann::json::array();
        for (const auto& [name, value] : response.headers) {
            headers.push_back({name, value});
        }
        const nlohmann::json answer = {{"status", response.status},
                                       {"type", response.content_type},
                                       {"headers", std::move(headers)},
                                       {"body", to_base64url(response.body)}};  // a letter is no UTF-8
        sealed = TRY(parts_.envelope.seal(SecretText(answer.dump()), context_of(key_digest)));
    }
    return parts_.database.transact(Actor::system(),
                                    [&](db::Transaction& tx) { return store_.finish(tx, key_digest, sealed); });
}

Result<Response> IdempotencyService::answer_again(const StoredKey& stored, const std::string& key_digest) const {
    const auto text = TRY(parts_.envelope.open(stored.answer_sealed, context_of(key_digest)));
    const auto answer = nlohmann::json::parse(text.reveal());
    Response out{answer.at("status").get<int>(), answer.at("type").get<std::string>(),
                 from_base64url(answer.at("body").get<std::string>()).value_or("")};
    for (const auto& header : answer.at("headers")) {
        out.with_header(header.at(0).get<std::string>(), header.at(1).get<std::string>());
    }
    out.with_header("Idempotency-Replayed", "true");
    return out;
}

Result<std::int64_t> IdempotencyService::forget_old(Instant now) {
    return parts_.database.transact(
        Actor::system(), [&](db::Transaction& tx) { return store_.forget(tx, now, limits::kForgottenRows); });
}

}  // namespace madoguchi::api
