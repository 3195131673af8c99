#include "signin/throttle_store.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>

#include "base/limits.hpp"

namespace madoguchi::signin {
namespace {

// Sorted, so that two transactions take row locks in one order. A row that is blocked is left as it is and does not
// come back.
constexpr db::Query kAttempt = {"throttle.attempt", R"(
    with wanted as (
        select bucket, failure_limit, about, account
        from unnest(cast(:buckets as text[]), cast(:limits as integer[]), cast(:abouts as text[]), cast(:accounts as bigint[]))
             as w (bucket, failure_limit, about, account)
        order by bucket)
    insert into throttles as t (bucket, failures, window_started_at, about, account_id)
    select bucket, 1, instant(:now1), about, nullif(account, 0) from wanted
    on conflict (bucket) do update set
        about = excluded.about,
        account_id = excluded.account_id,
        failures = case
            when t.window_started_at <= instant(:window1) then 1
            when t.failures + 1 >= (select failure_limit from wanted where wanted.bucket = t.bucket) then 0
            else t.failures + 1 end,
        window_started_at = case when t.window_started_at <= instant(:window2) then instant(:now2) else t.window_started_at end,
        waits = case
            when t.window_started_at <= instant(:window3) then 0
            when t.failures + 1 >= (select failure_limit from wanted where wanted.bucket = t.bucket) then t.waits + 1
            else t.waits end,
        blocked_until = case
            when t.window_started_at > instant(:window4)
                 and t.failures + 1 >= (select failure_limit from wanted where wanted.bucket = t.bucket)
            then instant(:now3) + least(:first_wait * power(2, least(t.waits, 20)), :longest_wait) * interval '1 second'
            else null end
    where t.blocked_until is null or t.blocked_until <= instant(:now4)
    returning bucket)"};

constexpr db::Query kBlockedUntil = {"throttle.blocked_until", R"(
    select us(max(blocked_until)) as until from throttles
    where bucket = any (cast(:buckets as text[])) and blocked_until > instant(:now))"};

constexpr db::Query kBlocked = {"throttle.blocked", R"(
    select bucket from throttles where bucket = any (cast(:buckets as text[])) and blocked_until > instant(:now))"};

constexpr db::Query kNote = {"throttle.note", R"(
    insert into throttles as t (bucket, failures, window_started_at, noted_at) values (:key, 0, instant(:now1), instant(:now2))
    on conflict (bucket) do update set noted_at = excluded.noted_at where t.noted_at is null or t.noted_at <= instant(:before)
    returning bucket)"};

constexpr db::Query kSlowed = {"throttle.slowed", R"(
    with slow as (
        select account_id, about as why, waits, blocked_until as until from throttles
        where account_id is not null and blocked_until > instant(:now1)
        union all
        select account_id, case when disabled_at is null then 'second_step_slow' else 'second_step_disabled' end, 0,
               case when disabled_at is null then slow_until end
        from second_steps where removed_at is null and (disabled_at is not null or slow_until > instant(:now2)))
    select a.id as account_id, s.why, max(s.waits) as waits, us(max(s.until)) as until
    from slow s join accounts a on a.id = s.account_id
    where a.id > :after and a.state in ('pending', 'active')
    group by a.id, s.why order by a.id, s.why limit :limit)"};

constexpr db::Query kForgive = {"throttle.forgive", R"(
    update throttles set failures = case when bucket = :own0 then 0 else greatest(failures - 1, 0) end,
           waits = case when bucket = :own then 0 else waits end,
           blocked_until = case when bucket = :own2 then null else blocked_until end
    where bucket = any (cast(:buckets as text[])))"};

constexpr db::Query kTakeBack = {"throttle.take_back", R"(
    update throttles set failures = greatest(failures - 1, 0)
    where bucket = any (cast(:buckets as text[])))"};

constexpr db::Query kClear = {"throttle.clear", R"(
    delete from throttles where bucket = :key or starts_with(bucket, cast(:key2 as text) || ':'))"};

constexpr db::Query kForgetOld = {"throttle.forget_old", R"(
    delete from throttles where window_started_at < instant(:idle) and (blocked_until is null or blocked_until < instant(:idle2)))"};

std::string keys(std::span<const Bucket> buckets) {
    std::vector<std::string> out;
    std::ranges::transform(buckets, std::back_inserter(out), &Bucket::key);
    return fmt::format("{{{}}}", fmt::join(out, ","));
}

std::string failure_limits(std::span<const Bucket> buckets) {
    std::vector<int> out;
    std::ranges::transform(buckets, std::back_inserter(out), &Bucket::limit);
    return fmt::format("{{{}}}", fmt::join(out, ","));
}

std::string abouts(std::span<const Bucket> buckets) {
    std::vector<std::string> out;
    std::ranges::transform(buckets, std::back_inserter(out),
                           [](const Bucket& bucket) { return fmt::format("\"{}\"", bucket.about); });
    return fmt::format("{{{}}}", fmt::join(out, ","));
}

std::string accounts_of(std::span<const Bucket> buckets) {
    std::vector<std::int64_t> out;
    std::ranges::transform(buckets, std::back_inserter(out), [](const Bucket& bucket) { return bucket.account.value; });
    return fmt::format("{{{}}}", fmt::join(out, ","));
}

}  // namespace

Result<void> ThrottleStore::attempt(db::Transaction& tx, std::span<const Bucket> buckets, Instant now) const {
    const Instant window = now - limits::kThrottleWindow;
    const double first_wait = static_cast<double>(std::chrono::seconds(limits::kThrottleFirstWait).count());
    const double longest_wait = static_cast<double>(std::chrono::seconds(limits::kThrottleLongestWait).count());
    const auto rows =
        TRY(tx.many(kAttempt, keys(buckets), failure_limits(buckets), abouts(buckets), accounts_of(buckets), now,
                    window, window, now, window, window, now, first_wait, longest_wait, now));
    if (rows.size() == buckets.size()) {
        return {};
    }
    const auto until = TRY(tx.one(kBlockedUntil, keys(buckets), now)).get<std::optional<Instant>>("until");
    const auto wait = std::chrono::ceil<std::chrono::seconds>(until.value_or(now) - now);
    return failure(Error{.kind = ErrorKind::too_many,
                         .message_id = "too_many_tries",
                         .retry_after = std::max(wait, std::chrono::seconds(1))});
}

Result<std::vector<std::string>> ThrottleStore::blocked(db::Transaction& tx, std::span<const Bucket> buckets,
                                                        Instant now) const {
    std::vector<std::string> out;
    for (const auto& row : TRY(tx.many(kBlocked, keys(buckets), now))) {
        out.push_back(row.get<std::string>("bucket"));
    }
    return out;
}

Result<bool> ThrottleStore::note(db::Transaction& tx, const std::string& key, Instant now) const {
    return TRY(tx.maybe_one(kNote, key, now, now, now - limits::kThrottledNoteEvery)).has_value();
}

Result<std::vector<SlowedRow>> ThrottleStore::slowed(db::Transaction& tx, AccountId after, int limit,
                                                     Instant now) const {
    std::vector<SlowedRow> out;
    for (const auto& row : TRY(tx.many(kSlowed, now, now, after, limit))) {
        out.push_back({.account = {row.get<std::int64_t>("account_id")},
                       .why = row.get<std::string>("why"),
                       .waits = row.get<int>("waits"),
                       .until = row.get<std::optional<Instant>>("until")});
    }
    return out;
}

Result<void> ThrottleStore::forgive(db::Transaction& tx, std::span<const Bucket> buckets) const {
    TRY(tx.execute(kForgive, buckets.front().key, buckets.front().key, buckets.front().key, keys(buckets)));
    return {};
}

Result<void> ThrottleStore::take_back(db::Transaction& tx, std::span<const Bucket> buckets) const {
    TRY(tx.execute(kTakeBack, keys(buckets)));
    return {};
}

Result<void> ThrottleStore::clear(db::Transaction& tx, const std::string& key) const {
    TRY(tx.execute(kClear, key, key));
    return {};
}

Result<std::int64_t> ThrottleStore::forget_old(db::Transaction& tx, Instant idle_since) const {
    return tx.execute(kForgetOld, idle_since, idle_since);
}

}  // namespace madoguchi::signin
