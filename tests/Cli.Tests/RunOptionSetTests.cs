using System.Reflection;
using System.Text.Json;
using MetaMap.Core.Algorithms;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Models;
using MetaMap.Core.Optimization;

namespace MetaMap.Cli.Tests;

/// <summary>The command line and <see cref="RunOptions"/> say the same.</summary>
public sealed class RunOptionSetTests
{
    private static readonly Lazy<Task<string>> _help = new(async () => (await MetamapCommand.Run("train", "--help")).Output);

    public static TheoryData<string> Options =>
    [
        .. typeof(RunOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite)
            .Select(property => "--" + JsonNamingPolicy.KebabCaseLower.ConvertName(property.Name)),
    ];

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Help_EachRunOption_IsInIt(string option) => Assert.Matches($@"(?m)^\s+{option}\s", await _help.Value);

    [Fact]
    public async Task Help_EachPartOfARegistry_IsNamedInIt()
    {
        string help = await _help.Value;
        foreach (string name in (string[])[.. DatasetRegistry.Names, .. AlgorithmCatalog.Names, .. ModelCatalog.Names, .. MetaOptimizers.All.Names, .. InnerOptimizers.All.Names])
        {
            Assert.Contains(name, help, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("--hidden is 'x'", "--dataset", "sinusoid", "--shots", "5", "--hidden", "x")]
    [InlineData("--inner-momentum is 1, but it must be below 1.", "--inner-optimizer", "momentum", "--inner-momentum", "1")]
    [InlineData("--context-size is given, but none of", "--context-size", "4")]
    [InlineData("--patience counts measurements", "--patience", "3")]
    [InlineData("--meta-momentum is 2", "--meta-optimizer", "sgd", "--meta-momentum", "2")]
    [InlineData("--warmup-iterations is -1", "--warmup-iterations", "-1")]
    [InlineData("There is no target 'colour'", "--dataset", "csv", "--task-column", "a", "--target-column", "b", "--target", "colour")]
    public Task Train_EachKindOfOption_IsRead(string reason, params string[] options) => MetamapCommand.AssertRefused(2, reason, ["train", .. options]);
}
