#include "gateway/phone_number.hpp"

#include <gtest/gtest.h>

namespace madoguchi::gateway {
namespace {

const PhoneNumbers& numbers() {
    static const PhoneNumbers instance;
    return instance;
}

std::string rule(std::string_view typed, PhonePurpose purpose = PhonePurpose::sms, std::string_view country = "JP") {
    const auto parsed = numbers().parse(typed, country, purpose);
    return parsed ? "" : parsed.error().fields.at(0).message_id;
}

TEST(PhoneNumber, MobilesReceiveSmsAndCalls) {
    for (const auto* prefix : {"060", "070", "080", "090"}) {
        for (const auto purpose : {PhonePurpose::sms, PhonePurpose::voice}) {
            const auto number = numbers().parse(std::string(prefix) + "-1234-5678", "JP", purpose);
            ASSERT_TRUE(number) << prefix;
            EXPECT_EQ(number->e164, "+81" + std::string(prefix).substr(1) + "12345678");
            EXPECT_EQ(number->national, std::string(prefix) + "-1234-5678");
            EXPECT_EQ(number->kind, PhoneKind::mobile);
            EXPECT_EQ(number->country, "JP");
        }
    }
}

TEST(PhoneNumber, EveryWayToTypeItIsRead) {
    for (const auto* typed : {"09012345678", "０９０－１２３４－５６７８", "090ー1234ー5678", "090 1234 5678",
                              "(090)1234-5678", "+81 90-1234-5678", "＋８１９０１２３４５６７８", "+81 (0)90 1234 5678",
                              "81 90 1234 5678", "090.1234.5678", "　090‐1234‐5678　"}) {
        const auto number = numbers().parse(typed, "JP", PhonePurpose::sms);
        ASSERT_TRUE(number) << typed;
        EXPECT_EQ(number->e164, "+819012345678") << typed;
    }
}

TEST(PhoneNumber, InventedNumbersOfTheDemoWork) {
    EXPECT_EQ(numbers().parse("090-0000-1234", "JP", PhonePurpose::sms)->national, "090-0000-1234");
    EXPECT_EQ(numbers().parse("03-0000-4100", "JP", PhonePurpose::voice)->national, "03-0000-4100");
    EXPECT_EQ(parse_contact_phone("000-000-4210").value(), "000-000-4210");
    EXPECT_EQ(parse_contact_phone("03-0000-4100").value(), "03-0000-4100");
}

TEST(PhoneNumber, FixedLinesAndIpPhonesCanOnlyBeCalled) {
    EXPECT_EQ(rule("03-1234-5678"), "phone_fixed_line_no_sms");
    EXPECT_EQ(rule("050-1234-5678"), "phone_ip_no_sms");
    EXPECT_EQ(numbers().parse("0312345678", "JP", PhonePurpose::voice)->national, "03-1234-5678");
    EXPECT_EQ(numbers().parse("0126723456", "JP", PhonePurpose::voice)->national, "01267-2-3456");
    EXPECT_EQ(numbers().parse("0312345678", "JP", PhonePurpose::voice)->kind, PhoneKind::fixed);
    EXPECT_EQ(numbers().parse("05012345678", "JP", PhonePurpose::voice)->kind, PhoneKind::ip);
}

TEST(PhoneNumber, NumbersThatCannotServeAreRefusedWithTheReason) {
    for (const auto purpose : {PhonePurpose::sms, PhonePurpose::voice}) {
        EXPECT_EQ(rule("0120-123-456", purpose), "phone_toll_free");
        EXPECT_EQ(rule("０１２０－０００－１２３", purpose), "phone_toll_free");
        EXPECT_EQ(rule("0800-123-4567", purpose), "phone_toll_free");
        EXPECT_EQ(rule("+81 120 123 456", purpose), "phone_toll_free");
        EXPECT_EQ(rule("0570-000-000", purpose), "phone_navi_dial");
        EXPECT_EQ(rule("0990-123-456", purpose), "phone_premium");
        EXPECT_EQ(rule("020-1234-5678", purpose), "phone_machine");
        EXPECT_EQ(rule("0200-1234-567890", purpose), "phone_machine");
        EXPECT_EQ(rule("0180-99-1234", purpose), "phone_machine");
    }
}

TEST(PhoneNumber, UnreadableOnes) {
    for (const auto* typed :
         {"110", "119", "090-1234-567", "090-1234-56789", "12345", "でんわ", "090-1234-567a", "++81", "+", "-",
          "9012345678", "0031-090-1234-5678", "010-1-212-555-0123", "0600-123-456", "0910-123-456", "03-1234-567",
          "0903333333333333333333333333333", "090+12345678", "+81"}) {
        EXPECT_EQ(rule(typed, PhonePurpose::voice), "phone_unreadable") << typed;
    }
    EXPECT_EQ(rule(""), "required");
    EXPECT_EQ(rule("　"), "required");
}

TEST(PhoneNumber, OnlyAllowedCountries) {
    EXPECT_EQ(rule("+1 212 555 0123"), "phone_country");
    EXPECT_EQ(rule("212-555-0123", PhonePurpose::sms, "US"), "phone_country");
    EXPECT_EQ(rule("+882 16 5555 0100"), "phone_country");
    EXPECT_EQ(rule("+1"), "phone_unreadable");
    EXPECT_EQ(rule("", PhonePurpose::sms, "US"), "required");
    EXPECT_TRUE(numbers().parse("+81 90 1234 5678", "US", PhonePurpose::sms))
        << "a Japanese number under another choice";
    EXPECT_EQ(rule("090-1234-5678", PhonePurpose::sms, "XX"), "phone_country");
}

TEST(PhoneNumber, MoreCountriesWhenAllowed) {
    const PhoneNumbers wider({"JP", "DE"});
    const auto mobile = wider.parse("0151 23456789", "DE", PhonePurpose::sms);
    ASSERT_TRUE(mobile);
    EXPECT_EQ(mobile->e164, "+4915123456789");
    EXPECT_EQ(mobile->country, "DE");
    EXPECT_EQ(wider.parse("030 123456", "DE", PhonePurpose::sms).error().fields.at(0).message_id,
              "phone_fixed_line_no_sms");
    EXPECT_TRUE(wider.parse("030 123456", "DE", PhonePurpose::voice));
    EXPECT_EQ(wider.parse("0800 1234567", "DE", PhonePurpose::voice).error().fields.at(0).message_id,
              "phone_toll_free");
    const PhoneNumbers abroad_only({"DE"});
    EXPECT_EQ(abroad_only.parse("090-1234-5678", "JP", PhonePurpose::sms).error().fields.at(0).message_id,
              "phone_country");
}

TEST(PhoneNumber, TheFieldIsNamedByTheCaller) {
    EXPECT_EQ(numbers().parse("1", "JP", PhonePurpose::sms, "row_41").error().fields.at(0).field, "row_41");
}

TEST(PhoneNumber, ContactPhonesMayBeTollFree) {
    EXPECT_EQ(parse_contact_phone("０１２０１２３４５６").value(), "0120-123-456");
    EXPECT_EQ(parse_contact_phone("0570000000").value(), "0570-000-000");
    EXPECT_EQ(parse_contact_phone("0800-123-4567").value(), "0800-123-4567");
    EXPECT_EQ(parse_contact_phone("09012345678").value(), "090-1234-5678");
    EXPECT_FALSE(parse_contact_phone("12"));
    EXPECT_FALSE(parse_contact_phone("+1 212 555 0123"));
    EXPECT_FALSE(parse_contact_phone("03-1234-567x"));
}

TEST(PhoneNumber, MaskedShowsTheEndsOnly) {
    EXPECT_EQ(masked("090-1234-5678"), "090-****-5678");
    EXPECT_EQ(masked("03-0000-4100"), "03-****-4100");
    EXPECT_EQ(masked("01267-2-3456"), "01267-*-3456");
    EXPECT_EQ(masked("+49 1512 3456789"), "+49 **** ***6789");
    EXPECT_EQ(masked(""), "");
}

}  // namespace
}  // namespace madoguchi::gateway
