/// A server that refuses nothing: in place of a refusal, or of silence, it gives what it last gave to a request of the
/// same kind, or what such a request hopes for.
#pragma once

#include <map>
#include <string>

#include "base/hex.hpp"
#include "conform/in_process_line.hpp"

namespace ferraris::conform::testing {

class Obliging {
public:
    Mutation mutation() {
        return {[this](Octets& request) { asked_ = request.size() > kHead ? request[kHead] : 0; },
                [this](Octets& answer) { oblige(answer); }};
    }

private:
    static constexpr std::size_t kHead = dlms::kWrapperHeaderOctets;

    static bool is_refusal(const Octets& answer) {
        if (answer.size() <= kHead) return true;
        switch (answer[kHead]) {
            case 0xD8:
            case 0x0E:
                return true;
            case 0x61:
                return to_hex(answer).find("A203020100") == std::string::npos;
            case 0xC4:
            case 0xC5:
                return answer[kHead + 3] != 0;
            case 0xC7:
                return answer[kHead + 1] == 1 && answer[kHead + 3] != 0;
            default:
                return false;
        }
    }

    void oblige(Octets& answer) {
        // Pass 3 of an authentication gets the answer of an earlier one.
        if (!is_refusal(answer) && asked_ != 0xCB) {
            given_[asked_] = answer;
        } else if (given_.contains(asked_)) {
            answer = given_[asked_];
        } else if (asked_ == 0xCB) {
            given_[asked_] = answer;
        } else if (kHoped.contains(asked_)) {
            answer = from_hex(kHoped.at(asked_)).value();
        }
    }

    inline static const std::map<int, std::string> kHoped{{0xC0,
                                                           "000100010010000C"
                                                           "C401C100"
                                                           "09060000280000FF"},
                                                          {0xC1,
                                                           "0001000100100004"
                                                           "C501C100"},
                                                          {0xC3,
                                                           "0001000100100005"
                                                           "C701C10000"},
                                                          {0xE0,
                                                           "000100010010000A"
                                                           "E0810001000103C70100"},
                                                          {0x05,
                                                           "0001000100100005"
                                                           "0C01001105"},
                                                          {0x06,
                                                           "0001000100100003"
                                                           "0D0100"},
                                                          {0x62,
                                                           "0001000100010002"
                                                           "6300"},
                                                          {0x60,
                                                           "000100010010002B"
                                                           "6129A109060760857405080101A203020100A305A103020100"
                                                           "BE10040E0800065F1F040000181D02000007"}};
    int asked_{0};
    std::map<int, Octets> given_{};
};

}  // namespace ferraris::conform::testing
