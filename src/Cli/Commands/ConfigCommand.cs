using System.CommandLine;
using System.Globalization;
using MetaMap.Cli.Configuration;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Hosting;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Core;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap config</c>: what the options of a command are, and where each comes from.</summary>
internal static class ConfigCommand
{
    private const string Name = "config";

    public static Command Create(Command root)
    {
        Command command = new(Name, "Shows what options are and where each comes from: the command line, else variables such as METAMAP__Worker__Threads, else the file that --settings or METAMAP_SETTINGS names, as {\"worker\": {\"threads\": 2}}. Passwords are masked.") { TreatUnmatchedTokensAsErrors = false };
        Argument<string[]> words = new("command") { Arity = ArgumentArity.ZeroOrMore, Description = "A command as it would be called; default: all that is set for any." };
        Option<bool> json = CommonOptions.Json();
        command.Arguments.Add(words);
        command.Example("all that is set", "config");
        command.Example("a coordinator's options", "config coordinator --http-port 9090");
        command.Add(OptionGroups.Output, json);
        command.SetAction(parsed =>
        {
            string[] called = [.. parsed.Tokens.Select(token => token.Value).SkipWhile(word => word != Name).Skip(1).Where(word => word != json.Name)];
            Row[] rows = parsed.GetValue(words) is [] or null
                ? [.. ConfiguredParse.All(root, parsed).Select(value => new Row(PathOf(value.Command), value.Option.Name, Shown(value.Option, string.Join(' ', value.Values)), value.Source))] : Of(ConfiguredParse.Of(root, called));
            // As a table, without those that have no value before a run is made.
            new Reporter(parsed.GetValue(json)).Rows([.. rows.Where(row => row.Value is not null || parsed.GetValue(json))], "nothing is set",
            [
                ("command", row => row.Command), ("option", row => row.Option), ("value", row => row.Value ?? ""), ("from", row => row.From),
            ]);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Row[] Of(ConfiguredParse line)
    {
        if (line.Problem is { } problem)
        {
            throw new ConfigurationException(problem);
        }

        Command command = line.Parsed.CommandResult.Command;
        return
        [
            .. OptionGroups.Of(command).SelectMany(group => group).Where(option => option.Action is null).Select(option =>
            {
                (string? value, string from) = line.Parsed.GetResult(option) is { Implicit: false } given
                    ? (given.Tokens.Count > 0 ? string.Join(' ', given.Tokens.Select(token => token.Value)) : "true",
                        line.Added.FirstOrDefault(added => added.Option == option)?.Source ?? "the command line")
                    : option.FromVariable() is { } variable ? (variable.Value, variable.Name)
                    : (option.HasDefaultValue ? Convert.ToString(option.GetDefaultValue(), CultureInfo.InvariantCulture) : null, "default");
                return new Row(PathOf(command), option.Name, value is null ? null : Shown(option, value), from);
            }),
        ];
    }

    // Folders of certificates or tokens may be called as they like.
    private static string Shown(Option option, string value) => option.Name == CoordinatorCommand.Store ? Secrets.Masked(value) : value;

    private static string PathOf(Command command) => string.Join(' ', command.Parents.OfType<Command>().Where(parent => parent.Parents.Any()).Select(PathOf).Append(command.Name));

    private sealed record Row(string Command, string Option, string? Value, string From);
}
