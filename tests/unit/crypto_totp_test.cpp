#include "crypto/totp.hpp"

#include <gtest/gtest.h>
#include <array>
#include <set>

#include "base/entropy.hpp"

namespace madoguchi::crypto {
namespace {

const SecretText kRfcSeed("12345678901234567890");
constexpr std::int64_t kNever = 0;

Instant at(std::int64_t unix_seconds) {
    return Instant(std::chrono::seconds(unix_seconds));
}

TEST(Totp, Rfc4226Vectors) {
    constexpr std::array<const char*, 10> kCodes = {"755224", "287082", "359152", "969429", "338314",
                                                    "254676", "287922", "162583", "399871", "520489"};
    for (std::size_t step = 0; step < kCodes.size(); ++step) {
        EXPECT_EQ(totp_code(kRfcSeed, static_cast<std::int64_t>(step)), kCodes.at(step));
    }
}

TEST(Totp, Rfc6238VectorsCutToSixDigits) {
    const std::array<std::pair<std::int64_t, const char*>, 6> vectors = {{{59, "287082"},
                                                                          {1111111109, "081804"},
                                                                          {1111111111, "050471"},
                                                                          {1234567890, "005924"},
                                                                          {2000000000, "279037"},
                                                                          {20000000000, "353130"}}};
    for (const auto& [seconds, code] : vectors) {
        EXPECT_EQ(totp_code(kRfcSeed, totp_step(at(seconds))), code);
        EXPECT_EQ(matching_step(kRfcSeed, code, at(seconds), kNever), totp_step(at(seconds)));
    }
}

TEST(Totp, OneStepOfDriftEitherWay) {
    const auto now = at(1234567890);
    const auto step = totp_step(now);
    for (const auto drift : {-1, 0, 1}) {
        EXPECT_EQ(matching_step(kRfcSeed, totp_code(kRfcSeed, step + drift), now, kNever), step + drift);
    }
    for (const auto drift : {-2, 2}) {
        EXPECT_EQ(matching_step(kRfcSeed, totp_code(kRfcSeed, step + drift), now, kNever), std::nullopt);
    }
}

TEST(Totp, TheSameOrAnEarlierStepIsRefused) {
    const auto now = at(1234567890);
    const auto step = totp_step(now);
    EXPECT_EQ(matching_step(kRfcSeed, totp_code(kRfcSeed, step), now, step - 1), step);
    EXPECT_EQ(matching_step(kRfcSeed, totp_code(kRfcSeed, step), now, step), std::nullopt);
    EXPECT_EQ(matching_step(kRfcSeed, totp_code(kRfcSeed, step - 1), now, step), std::nullopt);
    EXPECT_EQ(matching_step(kRfcSeed, totp_code(kRfcSeed, step + 1), now, step), step + 1);
}

TEST(Totp, AClockThatStepsBackOpensNoWindow) {
    const auto step = totp_step(at(1234567890));
    const auto an_hour_before = at(1234567890 - 3600);
    EXPECT_EQ(matching_step(kRfcSeed, totp_code(kRfcSeed, totp_step(an_hour_before)), an_hour_before, step),
              std::nullopt);
}

TEST(Totp, CodesOfAnyWidthAndGroupsButNothingElse) {
    const auto now = at(59);
    EXPECT_EQ(matching_step(kRfcSeed, "２８７０８２", now, kNever), 1);
    EXPECT_EQ(matching_step(kRfcSeed, "287 082", now, kNever), 1);
    for (const auto* code : {"", "28708", "2870820", "28708a", "287083"}) {
        EXPECT_EQ(matching_step(kRfcSeed, code, now, kNever), std::nullopt) << code;
    }
}

TEST(Totp, SeedsHave160BitsAndDiffer) {
    OsEntropy entropy;
    std::set<std::string> seeds;
    for (int i = 0; i < 50; ++i) {
        const auto seed = make_totp_seed(entropy);
        EXPECT_EQ(seed.reveal().size(), 20U);
        seeds.insert(seed.reveal());
    }
    EXPECT_EQ(seeds.size(), 50U);
}

TEST(Totp, SeedAsTextForTyping) {
    EXPECT_EQ(totp_seed_text(kRfcSeed), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
}

TEST(Totp, ProvisioningUriIsPercentEncoded) {
    EXPECT_EQ(totp_provisioning_uri(kRfcSeed, "窓口 Madoguchi", "a+b@madoguchi.example").reveal(),
              "otpauth://totp/%E7%AA%93%E5%8F%A3%20Madoguchi:a%2Bb%40madoguchi.example"
              "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%E7%AA%93%E5%8F%A3%20Madoguchi"
              "&algorithm=SHA1&digits=6&period=30");
}

}  // namespace
}  // namespace madoguchi::crypto
