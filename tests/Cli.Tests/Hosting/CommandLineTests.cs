using MetaMap.Cli.Hosting;

namespace MetaMap.Cli.Tests.Hosting;

public sealed class CommandLineTests
{
    [Fact]
    public void Of_AnyArguments_AreWhatAShellReads() => Assert.Equal(
        """metamap coordinator --runs 'my runs' --name '' --store 'it'\''s'""", CommandLine.Of(["coordinator", "--runs", "my runs", "--name", "", "--store", "it's"]));

    [Fact]
    public void Of_APassword_IsNotShown() => Assert.Null(CommandLine.Of(["coordinator", "--store", "Host=db;Password=secret"]));
}
