using System.CommandLine;
using MetaMap.Cli.Commands;
using MetaMap.Cli.Help;
using MetaMap.Learning;

namespace MetaMap.Cli.Tests.Help;

/// <summary>The help of every command.</summary>
public sealed class HelpTests
{
    private static readonly Command _root = Root();

    public static TheoryData<string> Commands => [.. All(_root, "").Select(pair => pair.Path)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_EachCommand_FitsTheScreenAndHasExamplesThatCanBeGiven(string path)
    {
        using StringWriter output = new();
        Assert.Equal(0, _root.Parse($"{path} --help").Invoke(new InvocationConfiguration { Output = output }));
        string[] lines = output.ToString().Split('\n');
        Assert.All(lines, line => Assert.True(line.Length <= 80 && line == line.TrimEnd(), line));
        Command command = All(_root, "").Single(pair => pair.Path == path).Command;
        if (command.Action is null && command.Subcommands.Count > 0 && command != _root)
        {
            return;
        }

        string[] examples = [.. lines.Where(line => line.StartsWith("  metamap ", StringComparison.Ordinal) && !line.EndsWith("[options]", StringComparison.Ordinal))];
        Assert.NotEmpty(examples);
        Assert.All(examples, example => Assert.True(example.Length + "./".Length <= 80, example));
        Assert.All(examples, example =>
        {
            ParseResult parsed = _root.Parse(example.Trim()["metamap ".Length..].Split("; ")[0].Split(" > ")[0]);
            Assert.Empty(parsed.Errors.Select(error => error.Message));
            Assert.True(command == _root || parsed.CommandResult.Command == command, example);
        });
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_EachOption_IsInAGroupAndSaysWhatItsValueIs(string path)
    {
        Command command = All(_root, "").Single(pair => pair.Path == path).Command;
        foreach (IGrouping<string, Option> group in OptionGroups.Of(command).Where(_ => command != _root))
        {
            Assert.NotEqual("Options", group.Key);
            Assert.All(group, option => Assert.True(option.HelpName is not null == (option.ValueType != typeof(bool)), option.Name));
        }
    }

    [Fact]
    public async Task Metamap_Alone_ShowsItsHelp()
    {
        MetamapCommand bare = await MetamapCommand.Run();
        Assert.Equal((0, ""), (bare.ExitCode, bare.Errors));
        Assert.Equal((await MetamapCommand.Run("--help")).Output, bare.Output);
        Assert.Equal((await MetamapCommand.Run("run", "start", "--help")).Output, (await MetamapCommand.Run("help", "run", "start")).Output);
    }

    [Fact]
    public async Task Help_CalledByAScript_NamesItAsItIsCalled()
    {
        MetamapCommand help = await MetamapCommand.RunIn(new Dictionary<string, string> { ["METAMAP_COMMAND"] = "./metamap" }, "train", "--help");
        Assert.Contains("\n  ./metamap train --resume runs/NAME\n", help.Output, StringComparison.Ordinal);
        MetamapCommand spaces = await MetamapCommand.RunIn(new Dictionary<string, string> { ["METAMAP_COMMAND"] = "/my projects/metamap" }, "train", "--help");
        Assert.Contains("\n  '/my projects/metamap' train --resume runs/NAME\n", spaces.Output, StringComparison.Ordinal);
    }

    private static Command Root()
    {
        BuiltInParts.Add();
        return AllCommands.Create();
    }

    private static IEnumerable<(string Path, Command Command)> All(Command command, string path) =>
        command.Subcommands.SelectMany(below => All(below, $"{path} {below.Name}")).Prepend((path, command));
}
