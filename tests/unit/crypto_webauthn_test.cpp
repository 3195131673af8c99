// S11: what a passkey's messages must say, and what becomes of those that say something else.
#include "crypto/webauthn.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "support/software_authenticator.hpp"

namespace madoguchi::crypto {
namespace {

using test::Said;
using test::SoftwareAuthenticator;
using namespace std::string_literals;

const RelyingParty kParty = relying_party("https://madoguchi.example:8443");
const std::string kChallenge(32, '\x07');
const std::string kOtherChallenge(32, '\x08');

// A virtual authenticator of Chromium's made these for http://localhost:18843: messages that are not of our own making.
constexpr std::string_view kChromiumCreateChallenge = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
constexpr std::string_view kChromiumCreateClientData =
    "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiQndjSEJ3Y0hCd2NIQndjSEJ3Y0hCd2NIQndjSE"
    "J3Y0hCd2NIQndjSEJ3YyIsIm9yaWdpbiI6Imh0dHA6Ly9sb2NhbGhvc3Q6MTg4NDMiLCJjcm9zc09yaWdpbiI6ZmFs"
    "c2V9";
constexpr std::string_view kChromiumAttestationObject =
    "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVikSZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2NFAAAAAQ"
    "ECAwQFBgcIAQIDBAUGBwgAIOxC-09hTa_PY0slrFawA_zdM991zp_aY-w2LI3S_vJ4pQECAyYgASFYIEwNeBY6vLJw"
    "eoiB8WDUSyi8GBiXgkBiCqK6gyzRxyrFIlgg2rDQVRfBV0ipiZYbm-3IUngD3_37w0orN_Rd5U_xV9U";
constexpr std::string_view kChromiumGetChallenge = "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk";
constexpr std::string_view kChromiumGetClientData =
    "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiQ1FrSkNRa0pDUWtKQ1FrSkNRa0pDUWtKQ1FrSkNRa0"
    "pDUWtKQ1FrSkNRayIsIm9yaWdpbiI6Imh0dHA6Ly9sb2NhbGhvc3Q6MTg4NDMiLCJjcm9zc09yaWdpbiI6ZmFsc2V9";
constexpr std::string_view kChromiumAuthenticatorData = "SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MFAAAAAg";
constexpr std::string_view kChromiumSignature =
    "MEQCIE9BrjyKegQ-CDSs3GpkcFH33Ou9Gdh_Rrw1iz7D_AU5AiArEyzOoVxhgaJsQeXi2iSXgSjN8ChvlxRi7Q2ztf"
    "uPFQ";

template <class T>
std::string said_of(const Result<T>& result) {
    return result ? "ok" : result.error().message_id;
}

std::string registered(const Said& said) {
    SoftwareAuthenticator device(kParty);
    return said_of(verify_registration(kParty, kChallenge, device.create(kChallenge, said)));
}

std::string asserted(const Said& said, UserVerification verification = UserVerification::required) {
    SoftwareAuthenticator device(kParty);
    const auto made = verify_registration(kParty, kChallenge, device.create(kChallenge));
    return said_of(verify_assertion(kParty, kChallenge, verification, made->key, device.get(kChallenge, said)));
}

TEST(RelyingParty, IsTheHostOfTheConfiguredOrigin) {
    EXPECT_EQ(kParty.id, "madoguchi.example");
    EXPECT_EQ(kParty.origin, "https://madoguchi.example:8443");
    EXPECT_EQ(relying_party("https://madoguchi.example").id, "madoguchi.example");
}

TEST(Passkey, EveryAlgorithmRegistersAndSigns) {
    for (const int algorithm : kPasskeyAlgorithms) {
        SoftwareAuthenticator device(kParty, algorithm, "credential of " + std::to_string(algorithm));
        device.sign_count = 4;
        const auto made = verify_registration(kParty, kChallenge, device.create(kChallenge));
        ASSERT_TRUE(made) << algorithm << ": " << made.error().message_id << " " << made.error().detail;
        EXPECT_EQ(made->credential_id, device.id());
        EXPECT_EQ(made->key.algorithm, algorithm);
        EXPECT_EQ(made->sign_count, 4U);
        EXPECT_TRUE(made->user_verified);
        const auto good = verify_assertion(kParty, kOtherChallenge, UserVerification::required, made->key,
                                           device.get(kOtherChallenge));
        ASSERT_TRUE(good) << algorithm << ": " << good.error().message_id << " " << good.error().detail;
        EXPECT_EQ(good->sign_count, 5U);
        EXPECT_TRUE(good->user_verified);
    }
}

TEST(Passkey, FixedVectorOfAnotherImplementation) {
    const RelyingParty party{"localhost", "http://localhost:18843"};
    const auto made =
        verify_registration(party, *from_base64url(kChromiumCreateChallenge),
                            {*from_base64url(kChromiumCreateClientData), *from_base64url(kChromiumAttestationObject)});
    ASSERT_TRUE(made) << made.error().message_id << " " << made.error().detail;
    AssertionMessage message{.credential_id = made->credential_id,
                             .client_data = *from_base64url(kChromiumGetClientData),
                             .authenticator_data = *from_base64url(kChromiumAuthenticatorData),
                             .signature = *from_base64url(kChromiumSignature)};
    const auto challenge = *from_base64url(kChromiumGetChallenge);
    EXPECT_EQ(said_of(verify_assertion(party, challenge, UserVerification::required, made->key, message)), "ok");
    message.signature.back() = static_cast<char>(message.signature.back() ^ 1);
    EXPECT_EQ(said_of(verify_assertion(party, challenge, UserVerification::required, made->key, message)),
              "passkey_refused");
}

TEST(Passkey, RegistrationsThatSaySomethingElse) {
    EXPECT_EQ(registered({}), "ok");
    EXPECT_EQ(registered({.flags = 0x01}), "ok") << "a passkey without verification still is a second step";
    EXPECT_EQ(registered({.origin = "https://madoguchi.example"}), "passkey_wrong_origin") << "another port";
    EXPECT_EQ(registered({.origin = "https://madoguchi.example.evil:8443"}), "passkey_wrong_origin");
    EXPECT_EQ(registered({.origin = "http://madoguchi.example:8443"}), "passkey_wrong_origin");
    EXPECT_EQ(registered({.extra = R"(,"crossOrigin":true)"}), "passkey_wrong_origin");
    EXPECT_EQ(registered({.extra = R"(,"crossOrigin":false)"}), "ok");
    EXPECT_EQ(registered({.extra = R"(,"topOrigin":"https://evil.example")"}), "passkey_wrong_origin");
    EXPECT_EQ(registered({.type = "webauthn.get"}), "passkey_malformed") << "an assertion is no registration";
    EXPECT_EQ(registered({.rp_id = "evil.example"}), "passkey_refused");
    EXPECT_EQ(registered({.flags = 0x04}), "passkey_refused") << "nobody was there";
    EXPECT_EQ(registered({.flags = 0x15}), "passkey_malformed") << "backed up, and may not be";
    SoftwareAuthenticator device(kParty);
    EXPECT_EQ(said_of(verify_registration(kParty, kOtherChallenge, device.create(kChallenge))), "passkey_stale");
    EXPECT_EQ(said_of(verify_registration(kParty, "", device.create(""))), "passkey_stale") << "no challenge is none";
}

TEST(Passkey, AssertionsThatSaySomethingElse) {
    EXPECT_EQ(asserted({}), "ok");
    EXPECT_EQ(asserted({.flags = 0x01}), "passkey_unverified") << "one factor only";
    EXPECT_EQ(asserted({.flags = 0x01}, UserVerification::preferred), "ok");
    EXPECT_EQ(asserted({.flags = 0x04}), "passkey_refused");
    EXPECT_EQ(asserted({.origin = "https://madoguchi.example.evil"}), "passkey_wrong_origin");
    EXPECT_EQ(asserted({.extra = R"(,"crossOrigin":true)"}), "passkey_wrong_origin");
    EXPECT_EQ(asserted({.type = "webauthn.create"}), "passkey_malformed");
    EXPECT_EQ(asserted({.rp_id = "evil.example"}), "passkey_refused");
    EXPECT_EQ(asserted({.flags = 0x15}), "passkey_malformed");
}

TEST(Passkey, AnAssertionHoldsForItsChallengeAndKeyOnly) {
    SoftwareAuthenticator device(kParty);
    SoftwareAuthenticator other(kParty);
    const auto key = verify_registration(kParty, kChallenge, device.create(kChallenge))->key;
    const auto other_key = verify_registration(kParty, kChallenge, other.create(kChallenge))->key;
    const auto message = device.get(kChallenge);
    const auto check = [&](const AssertionMessage& sent, const PasskeyKey& by) {
        return said_of(verify_assertion(kParty, kChallenge, UserVerification::required, by, sent));
    };
    EXPECT_EQ(check(message, key), "ok");
    EXPECT_EQ(check(message, other_key), "passkey_refused");
    EXPECT_EQ(check(message, {SoftwareAuthenticator::kEdDsa, key.bytes}), "passkey_refused") << "another algorithm";
    EXPECT_EQ(check(message, {-37, key.bytes}), "passkey_refused");
    EXPECT_EQ(check(message, {SoftwareAuthenticator::kEs256, std::string(64, '\1')}), "passkey_refused")
        << "no point of the curve";
    EXPECT_EQ(said_of(verify_assertion(kParty, kOtherChallenge, UserVerification::required, key, message)),
              "passkey_stale");
    auto changed = message;
    changed.authenticator_data[36] =
        static_cast<char>(changed.authenticator_data[36] + 1);  // the counter is signed too
    EXPECT_EQ(check(changed, key), "passkey_refused");
    changed = message;
    changed.client_data += " ";
    EXPECT_EQ(check(changed, key), "passkey_refused");
    changed = message;
    changed.signature.clear();
    EXPECT_NE(check(changed, key), "ok");
}

TEST(Passkey, TruncatedRegistrationsAreRefusedAtEveryByte) {
    SoftwareAuthenticator device(kParty);
    const auto whole = device.create(kChallenge);
    for (std::size_t size = 0; size < whole.attestation_object.size(); ++size) {
        auto cut = whole;
        cut.attestation_object.resize(size);
        EXPECT_EQ(said_of(verify_registration(kParty, kChallenge, cut)), "passkey_malformed") << size;
    }
    const auto authenticator_data = device.authenticator_data_of_new({});
    for (std::size_t size = 0; size < authenticator_data.size(); ++size) {
        const RegistrationMessage cut{whole.client_data,
                                      SoftwareAuthenticator::attestation_object(authenticator_data.substr(0, size))};
        EXPECT_NE(said_of(verify_registration(kParty, kChallenge, cut)), "ok") << size;
    }
    for (std::size_t size = 0; size < whole.client_data.size(); ++size) {
        const RegistrationMessage cut{whole.client_data.substr(0, size), whole.attestation_object};
        EXPECT_EQ(said_of(verify_registration(kParty, kChallenge, cut)), "passkey_malformed") << size;
    }
}

TEST(Passkey, HugeMessagesAreRefusedBeforeTheyAreRead) {
    SoftwareAuthenticator device(kParty);
    auto message = device.create(kChallenge);
    message.attestation_object.resize(limits::kPasskeyMessageBytes + 1);
    EXPECT_EQ(said_of(verify_registration(kParty, kChallenge, message)), "passkey_malformed");
    message = device.create(kChallenge, {.extra = ",\"x\":\"" + std::string(limits::kPasskeyMessageBytes, 'x') + '"'});
    EXPECT_EQ(said_of(verify_registration(kParty, kChallenge, message)), "passkey_malformed");
    SoftwareAuthenticator wordy(kParty, SoftwareAuthenticator::kEs256,
                                std::string(limits::kPasskeyCredentialIdBytes + 1, 'i'));
    EXPECT_EQ(said_of(verify_registration(kParty, kChallenge, wordy.create(kChallenge))), "passkey_refused");
}

TEST(AttestationObject, StatementsAreSkippedWhateverTheyAre) {
    const std::string data = "\x43"s + "abc";
    const auto with = [&](const std::string& statement) {
        return said_of(authenticator_data_of("\xA3\x63"s + "fmt\x66packed\x67" + "attStmt" + statement + "\x68" +
                                             "authData" + data));
    };
    EXPECT_EQ(with("\xA2\x63"s + "alg\x26\x63" + "sig\x44" + "1234"), "ok");
    EXPECT_EQ(with("\xA1\x63"s + "x5c\x82\x41" + "1\x41" + "2"), "ok");
    EXPECT_EQ(with("\xA1\x63"s + "x5c\x82\x41" + "1"), "passkey_malformed");
    EXPECT_EQ(with("\xBF\xFF"s), "passkey_malformed") << "of no definite length";
    EXPECT_EQ(with("\xFB"s + std::string(4, '\0')), "passkey_malformed");
    EXPECT_EQ(with("\x9B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s), "passkey_malformed") << "a count beyond the bytes";
    EXPECT_EQ(with(std::string(limits::kCborDepth, '\x81') + "\x00"s), "ok");
    EXPECT_EQ(with(std::string(limits::kCborDepth + 1, '\x81') + "\x00"s), "passkey_malformed") << "too deep";
}

TEST(AttestationObject, HoldsAuthenticatorDataOnce) {
    const std::string data = "\x68"s + "authData\x43" + "abc";
    EXPECT_EQ(*authenticator_data_of("\xA1"s + data), "abc");
    EXPECT_EQ(said_of(authenticator_data_of("\xA2"s + data + data)), "passkey_malformed");
    EXPECT_EQ(said_of(authenticator_data_of("\xA1"s + data + "\x00"s)), "passkey_malformed") << "bytes behind it";
    EXPECT_EQ(said_of(authenticator_data_of("\xA0"s)), "passkey_malformed");
    EXPECT_EQ(said_of(authenticator_data_of("\x81"s + data)), "passkey_malformed");
}

TEST(ClientData, MembersHaveTheirTypes) {
    const auto with = [](const std::string& json) { return said_of(parse_client_data(json)); };
    EXPECT_EQ(with(R"({"type":"t","challenge":"AA","origin":"o"})"), "ok");
    EXPECT_EQ(with(R"({"type":1,"challenge":"AA","origin":"o"})"), "passkey_malformed");
    EXPECT_EQ(with(R"({"type":"t","challenge":"AA==","origin":"o"})"), "passkey_malformed");
    EXPECT_EQ(with(R"({"type":"t","challenge":"AA"})"), "passkey_malformed");
    EXPECT_EQ(with(R"({"type":"t","challenge":"AA","origin":"o","crossOrigin":"no"})"), "passkey_malformed");
    EXPECT_EQ(with(R"(["type"])"), "passkey_malformed");
    EXPECT_EQ(with(""), "passkey_malformed");
    EXPECT_EQ(with(std::string(10000, '[')), "passkey_malformed");
    EXPECT_EQ(with("{\"type\":\"\xFF\",\"challenge\":\"AA\",\"origin\":\"o\"}"), "passkey_malformed");
}

}  // namespace
}  // namespace madoguchi::crypto
