using System.CommandLine;
using System.Text.RegularExpressions;
using MetaMap.Cli.Commands;
using MetaMap.Cli.Options;
using MetaMap.Testing;

namespace MetaMap.Cli.Tests.Documentation;

/// <summary>Every command that a document shows can be read by the program: its options are there, and their values are of their kind.</summary>
public sealed partial class DocumentedCommandsTests
{
    private static readonly string[] _wrapper = ["test", "prerequisites", "install", "uninstall"];

    private static readonly string[] _documents = [.. Directory.GetFiles(Repository.PathOf("docs"), "*.md")
        .Concat(Directory.GetFiles(Repository.PathOf("samples"), "*.md", SearchOption.AllDirectories)).Concat(Directory.GetFiles(Repository.PathOf("clients", "python"), "*.md"))
        .Concat(Directory.GetFiles(Repository.PathOf(), "*.md")).Select(Repository.Relative).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Documents => [.. _documents];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Command_InADocument_IsOneThatTheProgramTakes(string document)
    {
        Command root = AllCommands.Create();
        string[] refused =
        [
            .. CommandsIn(File.ReadAllText(Repository.PathOf(document))).Where(words => !_wrapper.Contains(words[0]))
                .Select(words => (Line: string.Join(' ', words), Problem: UsageError.Explain(root.Parse(words))))
                .Where(call => call.Problem is not null).Select(call => $"metamap {call.Line}\n  {call.Problem}"),
        ];
        Assert.True(refused.Length == 0, $"{document}:\n{string.Join('\n', refused)}");
    }

    [Fact]
    public void Documents_Together_ShowManyCommands() =>
        Assert.InRange(_documents.Sum(document => CommandsIn(File.ReadAllText(Repository.PathOf(document))).Count()), 60, int.MaxValue);

    // Lines of blocks of shell: continued with a backslash, up to a comment, a pipe or the next command.
    private static IEnumerable<string[]> CommandsIn(string text) => ShellBlock().Matches(text).SelectMany(block => block.Groups[1].Value.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n'))
        .SelectMany(line => Call().Matches(WithoutComment(line))).Select(call => Word().Matches(call.Groups[1].Value).Select(word => word.Value.Trim('\'', '"')).ToArray()).Where(words => words.Length > 0);

    private static string WithoutComment(string line) => line.IndexOf(" #", StringComparison.Ordinal) is var at and >= 0 ? line[..at] : line;

    [GeneratedRegex(@"```(?:bash|sh|shell)\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ShellBlock();

    [GeneratedRegex(@"(?:^\s*|[&|;(]\s*|\./)(?:\./)?metamap ([^|;&>)]*)")]
    private static partial Regex Call();

    [GeneratedRegex(@"'[^']*'|""[^""]*""|\S+")]
    private static partial Regex Word();
}
