using System.Net;
using MetaMap.Core;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Membership;

namespace MetaMap.Shared.Tests.Hosting;

public class NodeSettingsTests
{
    private static readonly NodeSettings Worker = new() { Roles = ["worker"], Seeds = ["coordinator:4053"] };

    [Fact]
    public void SeedAddresses_HostAndPort_BecomeAkkaAddresses() =>
        Assert.Equal(["akka.tcp://metamap@coordinator:4053"], Worker.SeedAddresses);

    [Theory]
    [InlineData("[0:0:0:0:0:0:0:1]:4053", "akka.tcp://metamap@[::1]:4053")]
    [InlineData("[FD00::00AB]:1", "akka.tcp://metamap@[fd00::ab]:1")]
    public void SeedAddresses_IPv6_IsAsAkkaWritesIt(string seed, string address) => Assert.Equal([address], (Worker with { Seeds = [seed] }).SeedAddresses);

    [Fact]
    public void Validate_CoordinatorNamedInAnotherFormOfItsAddress_IsTheSame() =>
        new NodeSettings { Roles = ["coordinator"], BindHost = "0:0:0:0:0:0:0:1", Port = 4053, Seeds = SeedList.ParseFixed("[::1]:4053,[0::2]:4053") }.Validate();

    [Theory]
    [InlineData("gate.example", "gate.example", null)]
    [InlineData("gate.example:4054", "gate.example", 4054)]
    [InlineData("::1", "[::1]", null)]
    [InlineData("[::1]", "[::1]", null)]
    [InlineData("[0::1]:4054", "[::1]", 4054)]
    public void ParseHost_WithAndWithoutPort_IsSplit(string text, string host, int? port) => Assert.Equal((host, port), NodeAddress.ParseHost(text));

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("gate:0")]
    [InlineData("gate:x")]
    [InlineData("[::1]:70000")]
    public void ParseHost_Neither_IsRefused(string text) => Assert.Throws<ConfigurationException>(() => NodeAddress.ParseHost(text));

    public static TheoryData<NodeSettings, string> Impossible => new()
    {
        { Worker with { Seeds = [] }, "a worker needs the address of a coordinator" },
        { Worker with { Roles = [] }, "the node's roles are ''" },
        { Worker with { Roles = ["king"] }, "the node's roles are 'king'" },
        { Worker with { Port = 70_000 }, "the node's port is 70000" },
        { Worker with { Port = -1 }, "the node's port is -1" },
        { Worker with { BindHost = "0.0.0.0" }, "needs the host name or address" },
        { Worker with { BindHost = "0:0:0:0:0:0:0:0" }, "name it with --advertise" },
        { Worker with { PublicHost = "::" }, "nobody is reached by ::, which means all addresses" },
        { Worker with { PublicHost = "10.0.0.5", PublicPort = 4054 }, "others reach this node by port 4054, which must lead to a port that does not change" },
        { Worker with { Seeds = ["coordinator"] }, "'coordinator' is not the address of a node" },
        { Worker with { Seeds = ["coordinator:0"] }, "is not the address of a node" },
        { Worker with { Seeds = ["a b:1"] }, "is not the address of a node" },
        { Worker with { Seeds = ["::1:4053"] }, "give host:port, for example 127.0.0.1:4053 or [::1]:4053" },
        { Worker with { Seeds = ["[::1:4053"] }, "is not the address of a node" },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public void Validate_ImpossibleSettings_SayWhatIsWrong(NodeSettings settings, string reason) =>
        Assert.Contains(reason, Assert.Throws<ConfigurationException>(settings.Validate).Message, StringComparison.Ordinal);

    [Fact]
    public void Validate_Defaults_ListenOnLoopback()
    {
        Worker.Validate();
        Assert.Equal("127.0.0.1", Worker.BindHost);
    }

    [Fact]
    public void Own_SeedOnLoopback_IsLoopback() => Assert.Equal("127.0.0.1", NodeAddress.Own("127.0.0.1:4053"));

    [Fact]
    public void Own_SeedOnLoopbackOfIPv6_IsThat() => Assert.Equal("::1", NodeAddress.Own("[::1]:4053"));

    [Fact]
    public void Own_NoSeedOrUnknownSeed_IsAnAddressOfThisMachine()
    {
        Assert.True(IPAddress.TryParse(NodeAddress.Own(), out _));
        Assert.Equal(NodeAddress.Own(), NodeAddress.Own("no-such-host.invalid:1"));
    }
}
