using MetaMap.Core;
using MetaMap.Testing;
using MetaMap.Training.Configuration;
using Xunit.Abstractions;

namespace MetaMap.Training.Tests.Configuration;

[Trait("Category", "Fuzz")]
public sealed class RunOptionsFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Read_AnyText_GivesOptionsOrConfigurationException() => new Fuzz(output).Sample<ConfigurationException>(
        HostileOptions.Texts,
        text => RunOptionsJson.Read(text, "test"),
        value => Assert.Equal((RunOptions)value, RunOptionsJson.Read(RunOptionsJson.Write((RunOptions)value), "test")),
        count: 40_000);

    [Theory]
    [InlineData('[')]
    [InlineData('{')]
    public void Read_NestedVeryDeep_IsRefused(char opening)
    {
        string json = "{\"hidden\":" + string.Concat(Enumerable.Repeat(opening == '[' ? "[" : "{\"a\":", 200_000));
        Assert.Throws<ConfigurationException>(() => RunOptionsJson.Read(json, "test"));
    }
}
