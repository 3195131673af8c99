#include "crypto/envelope.hpp"

#include <gtest/gtest.h>
#include <set>

#include "base/encoding.hpp"

namespace madoguchi::crypto {
namespace {

EnvelopeKey key(const std::string& id, char fill) {
    return {id, SecretText(std::string(32, fill))};
}

class EnvelopeTest : public testing::Test {
protected:
    OsEntropy entropy_;
    Envelope envelope_{{key("k1", 'a')}, entropy_};
    const SecretText phone_{"+819012345678"};
};

TEST_F(EnvelopeTest, OpensWhatItSealed) {
    const auto sealed = envelope_.seal(phone_, "second_step:42:phone").value();
    EXPECT_TRUE(sealed.starts_with("v1.k1."));
    EXPECT_EQ(sealed.find("9012345678"), std::string::npos);
    EXPECT_EQ(envelope_.open(sealed, "second_step:42:phone")->reveal(), "+819012345678");
    const SecretText nothing;
    EXPECT_EQ(envelope_.open(envelope_.seal(nothing, "c").value(), "c")->reveal(), "");
    const SecretText binary(std::string("\0\xff\n", 3));
    EXPECT_EQ(envelope_.open(envelope_.seal(binary, "c").value(), "c")->reveal(), binary.reveal());
}

TEST_F(EnvelopeTest, NeverSealsTheSameTwice) {
    std::set<std::string> sealed;
    for (int i = 0; i < 100; ++i) {
        sealed.insert(envelope_.seal(phone_, "c").value());
    }
    EXPECT_EQ(sealed.size(), 100U);
}

TEST_F(EnvelopeTest, AnotherContextDoesNotOpen) {
    const auto sealed = envelope_.seal(phone_, "second_step:42:phone").value();
    EXPECT_EQ(envelope_.open(sealed, "second_step:43:phone").error().message_id, "envelope_tampered");
    EXPECT_EQ(envelope_.open(sealed, "").error().message_id, "envelope_tampered");
}

TEST_F(EnvelopeTest, EveryChangedBitIsNoticed) {
    const auto sealed = envelope_.seal(phone_, "c").value();
    const auto start = std::string_view("v1.k1.").size();
    const auto body = from_base64url(std::string_view(sealed).substr(start)).value();
    for (std::size_t i = 0; i < body.size(); ++i) {
        auto changed = body;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        const auto opened = envelope_.open("v1.k1." + to_base64url(changed), "c");
        ASSERT_FALSE(opened) << i;
        EXPECT_EQ(opened.error().message_id, "envelope_tampered");
    }
}

TEST_F(EnvelopeTest, MalformedTextsAreNamedSo) {
    for (const auto* text : {"", "v1.", "v1.k1", "v1.k1.", "v1.k1.AAAA", "v2.k1.AAAA", "v1.k1.!!!!", "plain"}) {
        EXPECT_EQ(envelope_.open(text, "c").error().message_id, "envelope_malformed") << text;
    }
}

TEST_F(EnvelopeTest, RotationOpensOldAndSealsNew) {
    const auto old_text = envelope_.seal(phone_, "c").value();
    const Envelope rotated({key("k1", 'a'), key("k2", 'b')}, entropy_);
    EXPECT_EQ(rotated.open(old_text, "c")->reveal(), phone_.reveal());
    EXPECT_TRUE(rotated.outdated(old_text));
    const auto new_text = rotated.seal(phone_, "c").value();
    EXPECT_TRUE(new_text.starts_with("v1.k2."));
    EXPECT_FALSE(rotated.outdated(new_text));
    EXPECT_EQ(envelope_.open(new_text, "c").error().message_id, "envelope_key_unknown");
}

TEST_F(EnvelopeTest, TheKeyIdIsAuthenticated) {
    const Envelope twins({key("k1", 'a'), key("k2", 'a')}, entropy_);
    auto sealed = twins.seal(phone_, "c").value();
    sealed[4] = '1';
    EXPECT_EQ(twins.open(sealed, "c").error().message_id, "envelope_tampered");
}

TEST_F(EnvelopeTest, AnotherKeyUnderTheSameIdDoesNotOpen) {
    const Envelope other({key("k1", 'z')}, entropy_);
    EXPECT_EQ(other.open(envelope_.seal(phone_, "c").value(), "c").error().message_id, "envelope_tampered");
}

}  // namespace
}  // namespace madoguchi::crypto
