using MetaMap.Cli.Hosting;

namespace MetaMap.Cli.Tests.Hosting;

public sealed class CommandLineTests
{
    [Fact]
    public void Of_AnyArguments_AreWhatAShellReads() => Assert.Equal(
        """metamap coordinator --runs 'my runs' --name '' --store 'it'\''s'""", CommandLine.Of(["coordinator", "--runs", "my runs", "--name", "", "--store", "it's"], [], []));

    [Fact]
    public void Of_FlagsToChange_ChangesThemAlone() => Assert.Equal(
        "metamap coordinator --http-port 0 --eval-episodes 0 --take-up", CommandLine.Of(["coordinator", "--http-port", "0", "--new-run", "--eval-episodes", "0"], ["--new-run"], ["--take-up"]));

    [Fact]
    public void Of_APassword_IsNotShown() => Assert.Null(CommandLine.Of(["coordinator", "--store", "Host=db;Password=secret"], [], []));
}
