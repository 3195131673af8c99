#include "accounts/request.hpp"

#include <gtest/gtest.h>

namespace madoguchi::accounts {
namespace {

using namespace std::chrono_literals;

const Instant kNow = from_microseconds(1'780'000'000'000'000);
constexpr AccountId kRequester{1};
constexpr AccountId kSecond{2};

Request open_request() {
    return {.requested_by = kRequester, .requested_at = kNow - 1h, .expires_at = kNow + 1h};
}

std::string said(const Result<RequestState>& result) {
    return result ? std::string(to_text(*result)) : result.error().message_id;
}

TEST(Request, IsDecidedByASecondPerson) {
    EXPECT_EQ(said(advance(open_request(), Decision::approve, kSecond, kNow)), "approved");
    EXPECT_EQ(said(advance(open_request(), Decision::decline, kSecond, kNow)), "declined");
}

TEST(Request, NeverByItsRequester) {
    for (const Decision decision : {Decision::approve, Decision::decline}) {
        const auto refused = advance(open_request(), decision, kRequester, kNow);
        EXPECT_EQ(said(refused), "own_request");
        EXPECT_EQ(refused.error().kind, ErrorKind::forbidden);
    }
}

TEST(Request, FiledOnThePublicPageIsDecidedByAnyone) {
    auto request = open_request();
    request.requested_by = {};
    EXPECT_EQ(said(advance(request, Decision::approve, kSecond, kNow)), "approved");
}

TEST(Request, IsDecidedOnce) {
    for (const RequestState state : {RequestState::approved, RequestState::declined, RequestState::expired}) {
        for (const Decision decision : {Decision::approve, Decision::decline}) {
            auto request = open_request();
            request.state = state;
            const auto refused = advance(request, decision, kSecond, kNow);
            EXPECT_EQ(said(refused), "already_decided") << to_text(state);
            EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
        }
    }
}

TEST(Request, LapsesAtItsEnd) {
    auto request = open_request();
    request.expires_at = kNow;
    EXPECT_EQ(said(advance(request, Decision::approve, kSecond, kNow)), "already_decided");
    request.expires_at = kNow + 1us;
    EXPECT_EQ(said(advance(request, Decision::approve, kSecond, kNow)), "approved");
}

TEST(Request, NamesReadBack) {
    for (const RequestKind kind : {RequestKind::password_reset, RequestKind::second_reset, RequestKind::role_grant}) {
        EXPECT_EQ(request_kind(to_text(kind)), kind);
    }
    for (const RequestState state :
         {RequestState::open, RequestState::approved, RequestState::declined, RequestState::expired}) {
        EXPECT_EQ(request_state(to_text(state)), state);
    }
}

}  // namespace
}  // namespace madoguchi::accounts
