/// What each access level may do with an object.
#pragma once

#include <array>
#include <cstdint>

#include "meter/security/client_level.hpp"

namespace ferraris::meter {

/// Bit n stands for attribute or method n.
struct Rights {
    std::uint16_t read{0};
    std::uint16_t write{0};
    std::uint16_t invoke{0};
    /// Of these, those that want request and answer authenticated and encrypted, whatever the policy asks.
    std::uint16_t protected_attributes{0};
    std::uint16_t protected_methods{0};

    [[nodiscard]] constexpr bool any() const { return read != 0 || write != 0 || invoke != 0; }
    [[nodiscard]] constexpr bool may_read(int attribute) const { return ((read >> attribute) & 1U) != 0; }
    [[nodiscard]] constexpr bool may_write(int attribute) const { return ((write >> attribute) & 1U) != 0; }
    [[nodiscard]] constexpr bool may_invoke(int method) const { return ((invoke >> method) & 1U) != 0; }
    [[nodiscard]] constexpr bool protects_attribute(int attribute) const {
        return ((protected_attributes >> attribute) & 1U) != 0;
    }
    [[nodiscard]] constexpr bool protects_method(int method) const { return ((protected_methods >> method) & 1U) != 0; }
};

/// By level, in the order of `Level`.
struct Access {
    std::array<Rights, kLevelCount> levels{};
    [[nodiscard]] constexpr const Rights& of(Level level) const { return levels[static_cast<std::size_t>(level)]; }
};

template <class... Numbers>
[[nodiscard]] constexpr std::uint16_t bits(Numbers... numbers) {
    return static_cast<std::uint16_t>((0U | ... | (1U << static_cast<unsigned>(numbers))));
}
inline constexpr std::uint16_t kAllAttributes = 0x7FFE;

namespace access {

inline constexpr Rights kNothing{};
inline constexpr Rights kPushList{bits(1, 2), 0, 0};
inline constexpr Rights kRead{kAllAttributes, 0, 0};

/// Identification and counters: everybody reads.
inline constexpr Access kEverybodyReads{{{kRead, kRead, kRead, kRead}}};
/// Measured values: everybody who has proved who he is reads.
inline constexpr Access kAuthenticatedRead{{{kNothing, kRead, kRead, kRead}}};
/// The technician sets the time, the utility its rules too. Methods 1 to 6.
inline constexpr Access kClock{{{kRead,
                                 kRead,
                                 {kAllAttributes, bits(2), bits(1, 2, 3, 4, 5, 6)},
                                 {kAllAttributes, bits(2, 3, 5, 6, 7, 8), bits(1, 2, 3, 4, 5, 6)}}}};
/// The utility says what is captured and how often, clears, and captures by hand.
inline constexpr Access kProfile{{{kNothing, kRead, kRead, {kAllAttributes, bits(3, 4), bits(1, 2)}}}};
/// Script and schedule of the billing reset: the technician may reset, the utility says when it is done.
inline constexpr Access kBilling{{{kNothing, kRead, {kAllAttributes, 0, bits(1)}, {kAllAttributes, bits(4), bits(1)}}}};
inline constexpr Access kBillingLockout{{{kNothing, kRead, kRead, {kAllAttributes, bits(2), 0}}}};
/// Demand registers: the utility sets their periods, cuts and resets them.
inline constexpr Access kDemand{{{kNothing, kRead, kRead, {kAllAttributes, bits(8, 9), bits(1, 2)}}}};
/// The utility says what is captured together and when; who reads profiles reads it.
inline constexpr Access kCompactData{{{kNothing, kRead, kRead, {kAllAttributes, bits(3, 4, 6), bits(1, 2)}}}};
/// How profiles are encoded: who reads them sees it, the utility chooses.
inline constexpr Access kBufferEncoding{{{kNothing, kRead, kRead, {kAllAttributes, bits(2), 0}}}};
/// The utility says what is pushed, where to and when; the technician may look, and try it. Everybody may
/// read its name and its list: pushes carry them.
inline constexpr Access kPush{
    {{kPushList, kPushList, {kAllAttributes, 0, bits(1)}, {kAllAttributes, kAllAttributes, bits(1, 2)}}}};
/// Who has authenticated reads; technician and utility clear alarms and choose which count.
inline constexpr Access kAlarms{{{kNothing, kRead, {kAllAttributes, bits(2), 0}, {kAllAttributes, bits(2), 0}}}};
/// What who works at the meter tells it: technician and utility.
inline constexpr Access kService{{{kNothing, kRead, {kAllAttributes, bits(2), 0}, {kAllAttributes, bits(2), 0}}}};
/// Limits: the utility sets the value.
inline constexpr Access kLimit{{{kNothing, kRead, kRead, {kAllAttributes, bits(2), 0}}}};
/// The association in use: all but the secret. Method 1 belongs to the high level authentication itself.
inline constexpr std::uint16_t kAllButSecret = kAllAttributes & ~bits(7);
inline constexpr Rights kOwnAssociation{kAllButSecret, 0, bits(1, 2), 0, bits(2)};
inline constexpr Access kCurrentAssociation{
    {{{kAllButSecret, 0, 0}, {kAllButSecret, 0, 0}, kOwnAssociation, kOwnAssociation}}};
/// The associations of the levels: the utility gives out passwords, names users, and gives and takes objects.
inline constexpr Rights kAssociationOfOthers{kAllButSecret, bits(7), bits(2, 3, 4, 5, 6), bits(7), bits(2, 3, 4, 5, 6)};
inline constexpr Access kAssociation{{{kNothing, kNothing, kNothing, kAssociationOfOthers}}};
/// The public association has no secret, nor anybody who could be told from another.
inline constexpr Access kPublicAssociation{
    {{kNothing, kNothing, kNothing, {kAllButSecret, 0, bits(3, 4), 0, bits(3, 4)}}}};
/// Locks on logins: the technician sees them, the utility sets them. Attributes 2 to 6, method 1.
inline constexpr Access kLoginProtection{
    {{kNothing, kNothing, kRead, {kAllAttributes, bits(2, 3, 4, 5, 6), bits(1), bits(2, 3, 4, 5, 6), bits(1)}}}};
/// Tariffs: who has authenticated reads; the utility changes them. Attributes and methods where there are any.
inline constexpr Access kTariffs{{{kNothing, kRead, kRead, {kAllAttributes, kAllAttributes & ~bits(1), bits(1, 2)}}}};
/// Relays and scripts: the technician tries them too.
inline constexpr Access kSwitching{
    {{kNothing, kRead, {kAllAttributes, 0, bits(1, 2)}, {kAllAttributes, 0, bits(1, 2)}}}};
/// Disconnect control: the technician switches, the utility says how it may be switched.
inline constexpr Access kSupply{
    {{kNothing, kRead, {kAllAttributes, 0, bits(1, 2)}, {kAllAttributes, bits(4), bits(1, 2)}}}};
/// When the supply is switched, and which power may not be exceeded: the utility says.
inline constexpr Access kSupplySchedule{{{kNothing, kRead, kRead, {kAllAttributes, bits(2, 4), 0}}}};
inline constexpr Access kLimiter{{{kNothing, kRead, kRead, {kAllAttributes, bits(2, 4, 5, 6, 7, 8, 9, 11), 0}}}};
/// Settings of the ports: the technician sees them, the utility sets them.
inline constexpr Access kPortSetup{{{kNothing, kNothing, kRead, {kAllAttributes, kAllAttributes & ~bits(1), 0}}}};
/// The same for ports with passwords, which nobody reads.
inline constexpr std::uint16_t kLocalPasswords = bits(7, 8, 9);
inline constexpr Rights kReadButPasswords{kAllAttributes & ~kLocalPasswords, 0, 0};
inline constexpr Access kLocalPortSetup{
    {{kNothing,
      kNothing,
      kReadButPasswords,
      {kAllAttributes & ~kLocalPasswords, bits(2, 3, 4, 5, 6) | kLocalPasswords, 0, kLocalPasswords}}}};
/// What the display does: the utility sets it; what it shows is there for everybody who reads.
inline constexpr Access kDisplaySetup{{{kNothing, kRead, kRead, {kAllAttributes, bits(2), 0}}}};
/// Commands to the display, of who stands in front of the meter.
inline constexpr Access kDisplayCommand{
    {{kNothing, kRead, {kAllAttributes, bits(2), 0}, {kAllAttributes, bits(2), 0}}}};
/// Firmware: who has authenticated sees how it stands; crews and utility transfer and activate, since the meter takes
/// only what is signed.
inline constexpr Access kImage{
    {{kNothing, kRead, {kAllAttributes, bits(5), bits(1, 2, 3, 4)}, {kAllAttributes, bits(5), bits(1, 2, 3, 4)}}}};
inline constexpr Access kImageSchedule{
    {{kNothing, kRead, {kAllAttributes, bits(4), bits(1)}, {kAllAttributes, bits(4), bits(1)}}}};
/// Security of the utility's own keys, and of the technician's, who may see what is in force.
inline constexpr Access kUtilitySecurity{
    {{kNothing, kNothing, kNothing, {kAllAttributes, 0, bits(1, 2, 3, 4, 5, 6, 7, 8)}}}};
inline constexpr Access kTechnicianSecurity{
    {{kNothing, kNothing, kRead, {kAllAttributes, 0, bits(1, 2, 3, 4, 5, 6, 7, 8)}}}};
/// Protection of data: whoever has keys reads, writes and calls through it, with no more rights than without; the
/// utility says how.
inline constexpr Access kDataProtection{{{kNothing,
                                          kNothing,
                                          {kAllAttributes, bits(2), bits(1, 2, 3)},
                                          {kAllAttributes, bits(2, 3, 4, 5, 6), bits(1, 2, 3)}}}};

}  // namespace access
}  // namespace ferraris::meter
