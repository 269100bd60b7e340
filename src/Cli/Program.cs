using System.CommandLine;
using MetaMap.Cli;
using MetaMap.Cli.Commands;
using MetaMap.Core;
using MetaMap.Learning.Native;

RootCommand root = new("MetaMap trains models that learn new tasks from a few examples, on a cluster.");
root.Add(TrainCommand.Create());
root.Add(CoordinatorCommand.Create());
root.Add(WorkerCommand.Create());
root.Add(RunCommand.Create());
root.Add(WorkersCommand.Create());
root.Add(StatusCommand.Create());
root.Add(ModelCommand.Create());
root.Add(EvaluateCommand.Create());
root.Add(BenchCommand.Create());
root.Add(HealthCommand.Create());

ParseResult parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    // An unknown word explains more than the command that is therefore missing.
    string problem = (parsed.Errors.FirstOrDefault(error => parsed.UnmatchedTokens.Any(error.Message.Contains)) ?? parsed.Errors[0]).Message;
    await Console.Error.WriteLineAsync($"metamap: {problem} Run `metamap {Name(parsed)}--help` for the options.");
    return ExitCode.Usage;
}

try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (Exception error) when (CodeOf(error) is not null)
{
    await Console.Error.WriteLineAsync($"metamap: {error.Message}");
    return CodeOf(error)!.Value;
}

static int? CodeOf(Exception error) => error switch
{
    ConfigurationException => ExitCode.Usage,
    DataException => ExitCode.BadData,
    UnreachableException => ExitCode.Unreachable,
    CommandFailedException or NativeLibraryException or IOException or UnauthorizedAccessException or OperationCanceledException => ExitCode.Failed,
    _ => null,
};

static string Name(ParseResult parsed) => parsed.CommandResult.Command is RootCommand ? "" : parsed.CommandResult.Command.Name + " ";
