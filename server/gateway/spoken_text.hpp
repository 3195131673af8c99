// What a voice reads out, and what an SMS counts as.
#pragma once

#include <string>
#include <string_view>

#include "base/locale.hpp"

namespace madoguchi::gateway {

/// Instructions for a call (TwiML: Say and Pause). Digits that stand alone between commas ("1、2、3", "1, 2, 3") are
/// said one by one with a second between them, as words: the Japanese ones that can't be taken for another (よん,
/// なな).
std::string twiml(std::string_view text, Locale locale);

/// How many segments an SMS is sent and charged as: 160 or 153 characters of GSM 03.38, 70 or 67 of UCS-2 (3GPP TS
/// 23.040 §9.2.3.24.1).
int sms_segments(std::string_view text);

}  // namespace madoguchi::gateway
