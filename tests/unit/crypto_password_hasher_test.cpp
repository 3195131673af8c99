#include "crypto/password_hasher.hpp"

#include <argon2.h>
#include <gtest/gtest.h>
#include <atomic>
#include <thread>

#include "base/encoding.hpp"
#include "crypto/hmac.hpp"

namespace madoguchi::crypto {
namespace {

constexpr ArgonParameters kCheap{.memory_kib = 64, .passes = 1};

class PasswordHasherTest : public testing::Test {
protected:
    OsEntropy entropy_;
    const SecretText pepper_{std::string(32, 'p')};
    const SecretText password_{"correct horse battery"};
    PasswordHasher hasher_{pepper_, entropy_, kCheap};
};

TEST_F(PasswordHasherTest, VerifiesTheRightPasswordOnly) {
    const auto phc = hasher_.hash(password_).value();
    EXPECT_TRUE(hasher_.verify(phc, password_).value());
    EXPECT_FALSE(hasher_.verify(phc, SecretText("correct horse batterz")).value());
    EXPECT_FALSE(hasher_.verify(phc, SecretText()).value());
    EXPECT_NE(hasher_.hash(password_).value(), phc) << "a new salt each time";
}

TEST_F(PasswordHasherTest, DefaultParametersAreOwaspsInAPhcString) {
    const PasswordHasher standard(pepper_, entropy_);
    const auto phc = standard.hash(password_).value();
    EXPECT_TRUE(phc.starts_with("$argon2id$v=19$m=47104,t=1,p=1$")) << phc;
    EXPECT_TRUE(standard.verify(phc, password_).value());
}

TEST_F(PasswordHasherTest, OurPhcIsWhatOtherArgon2LibrariesRead) {
    const auto phc = hasher_.hash(password_).value();
    const auto peppered = hmac_sha256(pepper_, password_.reveal());
    EXPECT_EQ(argon2id_verify(phc.c_str(), peppered.data(), peppered.size()), ARGON2_OK);
    EXPECT_EQ(argon2id_verify(phc.c_str(), password_.reveal().data(), password_.reveal().size()),
              ARGON2_VERIFY_MISMATCH)
        << "the pepper matters";
}

TEST_F(PasswordHasherTest, AnotherPepperVerifiesNothing) {
    const PasswordHasher other(SecretText(std::string(32, 'q')), entropy_, kCheap);
    EXPECT_FALSE(other.verify(hasher_.hash(password_).value(), password_).value());
}

TEST_F(PasswordHasherTest, ComposedAndDecomposedAreOnePasswordButWidthsAreNot) {
    const auto phc = hasher_.hash(SecretText("がくしゅうちょう2026")).value();
    EXPECT_TRUE(hasher_.verify(phc, SecretText("か\u3099くしゅうちょう2026")).value());
    EXPECT_FALSE(hasher_.verify(phc, SecretText("がくしゅうちょう２０２６")).value());
}

TEST_F(PasswordHasherTest, OldParametersStillVerifyAndAreOutdated) {
    const PasswordHasher older(pepper_, entropy_, {.memory_kib = 32, .passes = 2});
    const auto phc = older.hash(password_).value();
    EXPECT_TRUE(hasher_.verify(phc, password_).value());
    EXPECT_TRUE(hasher_.outdated(phc));
    EXPECT_FALSE(older.outdated(phc));
    EXPECT_FALSE(hasher_.outdated(hasher_.hash(password_).value()));
}

TEST_F(PasswordHasherTest, ForeignOrGreedyStringsAreRefused) {
    const auto good = hasher_.hash(password_).value();
    auto argon2i = good;
    argon2i.replace(0, 9, "$argon2i");
    auto greedy = good;
    greedy.replace(greedy.find("m=64"), 4, "m=99999999");
    auto slow = good;
    slow.replace(slow.find("t=1"), 3, "t=999999");
    auto wide = good;
    wide.replace(wide.find("p=1"), 3, "p=9");
    for (const auto& phc : {argon2i, greedy, slow, wide, std::string(), std::string("$argon2id$"),
                            good.substr(0, good.size() - 4), good + "AAAA"}) {
        EXPECT_FALSE(hasher_.verify(phc, password_)) << phc;
        EXPECT_TRUE(hasher_.outdated(phc));
    }
    auto changed = good;
    changed[changed.size() - 10] = changed[changed.size() - 10] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(hasher_.verify(changed, password_).value());
}

TEST_F(PasswordHasherTest, NoPasswordFitsTheDecoyAndItCostsTheSame) {
    EXPECT_FALSE(hasher_.verify(hasher_.decoy(), password_).value());
    EXPECT_FALSE(hasher_.outdated(hasher_.decoy())) << "today's parameters";
}

TEST_F(PasswordHasherTest, ThreadsDoNotShareMemory) {
    const auto phc = hasher_.hash(password_).value();
    std::vector<std::thread> threads;
    std::atomic<int> right = 0;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int round = 0; round < 50; ++round) {
                right += hasher_.verify(phc, password_).value() ? 1 : 0;
            }
            release_hash_memory();
            right += hasher_.verify(phc, password_).value() ? 1 : 0;
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(right, 4 * 51);
}

}  // namespace
}  // namespace madoguchi::crypto
