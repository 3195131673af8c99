// A recovery code, or an administrator's temporary code, in the place of the second step.
#include "base/limits.hpp"
#include "crypto/one_time_secrets.hpp"
#include "signin/sign_in_service.hpp"

namespace madoguchi::signin {

std::vector<Bucket> SignInService::spare_code_buckets(AccountId account) const {
    return {{crypto::digest_lookup(parts_.token_key, "throttle-spare-code", std::to_string(account.value)),
             limits::kSecondStepSlowFailures, "second_step", account}};
}

Result<Stepped> SignInService::spare_code(const Step& step, const std::string& typed, const Client& client) {
    const auto code = signin::spare_code(typed);
    if (!code) {
        return invalid_field("code", typed.empty() ? "required" : "recovery_code_format");
    }
    const auto credentials = TRY(count_spare_guess(step, client));
    if (!credentials) {
        return failure(ErrorKind::unauthenticated, "flow_lost");
    }
    const auto attempt =
        entry(code->kind == SpareKind::recovery ? "sign_in.recovery_code" : "sign_in.access_code", *credentials);
    auto stepped =
        parts_.audit.audited(actor(client), attempt, client.now, [&](db::Transaction& tx) -> Result<Stepped> {
            const Flow flow = TRY(lock(tx, step, client.now));
            TRY(advance(flow.state, FlowEvent::spare_code_right, {}));
            auto out = code->kind == SpareKind::recovery ? TRY(use_recovery_code(tx, flow, *code, *credentials, client))
                                                         : TRY(use_access_code(tx, flow, *code, *credentials, client));
            TRY(throttles_.forgive(tx, spare_code_buckets(flow.account)));
            TRY(parts_.audit.append(tx, actor(client, &*credentials), attempt, client.now));
            return out;
        });
    parts_.outcome(!stepped                                 ? "wrong_code"
                   : stepped->state == FlowState::signed_in ? "signed_in"
                                                            : "second_step_passed");
    return stepped;
}

Result<std::optional<accounts::Credentials>> SignInService::count_spare_guess(const Step& step, const Client& client) {
    AccountId account;
    auto counted = parts_.database.transact(
        actor(client), [&](db::Transaction& tx) -> Result<std::optional<accounts::Credentials>> {
            const Flow flow = TRY(lock(tx, step, client.now));
            TRY(advance(flow.state, FlowEvent::spare_code_right, {}));
            account = flow.account;
            if (flow.failures >= limits::kFlowCodeFailures) {
                return failure(Error{.kind = ErrorKind::too_many,
                                     .message_id = "too_many_tries",
                                     .retry_after = std::chrono::seconds(limits::kSecondStepSlowWait)});
            }
            TRY(flows_.count_wrong(tx, flow.id));  // taken as wrong until it is right
            TRY(throttles_.attempt(tx, spare_code_buckets(flow.account), client.now));
            return parts_.credentials.find(tx, account);
        });
    if (!counted && account) {
        note_refused_guess(account, counted.error(), client);
    }
    return counted;
}

Result<Stepped> SignInService::use_recovery_code(db::Transaction& tx, Flow flow, const SpareCode& code,
                                                 const accounts::Credentials& credentials, const Client& client) {
    const auto digest = spare_code_digest(parts_.token_key, flow.account, code);
    const auto use = TRY(spare_codes_.use_recovery_code(tx, flow.account, digest, client.now));
    if (use != SpareCodeUse::accepted) {
        return invalid_field("code", use == SpareCodeUse::used_before ? "code_used" : "wrong_code");
    }
    const auto left = TRY(spare_codes_.recovery_codes(tx, flow.account)).left;
    TRY(parts_.notices.tell(tx, flow.account, credentials.login_id, "recovery_code_used",
                            {{"left", std::to_string(left)}}, client.now));
    flow.by_recovery_code = true;
    return after_code(tx, std::move(flow), 0, client);
}

Result<Stepped> SignInService::use_access_code(db::Transaction& tx, Flow flow, const SpareCode& code,
                                               const accounts::Credentials& credentials, const Client& client) {
    // It leads to a second step registered anew: not from the command line, and not at a session.
    if (flow.channel == "api") {
        return failure(ErrorKind::conflict, "first_sign_in_required");
    }
    if (flow.purpose != FlowPurpose::sign_in) {
        return invalid_field("code", "wrong_code");
    }
    TRY(parts_.credentials.lock(tx, flow.account));
    const auto id = TRY(spare_codes_.use_access_code(
        tx, flow.account, spare_code_digest(parts_.token_key, flow.account, code), client.now));
    if (!id) {
        return invalid_field("code", "wrong_code");
    }
    if (credentials.state != accounts::AccountState::active || !credentials.organization_open) {
        return failure(ErrorKind::forbidden, "account_suspended");
    }
    const FlowState from = flow.state;
    flow.state = TRY(advance(from, FlowEvent::access_code_right, {}));
    flow.access_code = *id;
    flow.method = {};
    flow.wanted_default = {};
    flow.kind.reset();
    flow.phone_sealed.clear();
    flow.phone_masked.clear();
    flow.phone_digest.clear();
    flow.phone_mobile = false;
    flow.code_digest.clear();
    flow.message = {};
    TRY(save(tx, flow, from));
    SecretText token = parts_.entropy.token();
    TRY(flows_.rotate(tx, flow.id, flow_digest(token)));
    return Stepped{.state = flow.state, .flow_token = std::move(token), .account = flow.account};
}

}  // namespace madoguchi::signin
