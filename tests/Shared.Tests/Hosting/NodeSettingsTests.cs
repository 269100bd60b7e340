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

    public static TheoryData<NodeSettings, string> Impossible => new()
    {
        { Worker with { Seeds = [] }, "a worker needs the address of a coordinator" },
        { Worker with { Roles = [] }, "the node's roles are ''" },
        { Worker with { Roles = ["king"] }, "the node's roles are 'king'" },
        { Worker with { Port = 70_000 }, "the node's port is 70000" },
        { Worker with { Port = -1 }, "the node's port is -1" },
        { Worker with { BindHost = "0.0.0.0" }, "needs the host name or address" },
        { Worker with { Seeds = ["coordinator"] }, "'coordinator' is not the address of a node" },
        { Worker with { Seeds = ["coordinator:0"] }, "is not the address of a node" },
        { Worker with { Seeds = ["a b:1"] }, "is not the address of a node" },
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
    public void Own_NoSeedOrUnknownSeed_IsAnAddressOfThisMachine()
    {
        Assert.True(IPAddress.TryParse(NodeAddress.Own(), out _));
        Assert.Equal(NodeAddress.Own(), NodeAddress.Own("no-such-host.invalid:1"));
    }
}
