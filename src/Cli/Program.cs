using System.CommandLine;
using MetaMap.Cli.Commands;
using MetaMap.Cli.Configuration;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Hosting;
using MetaMap.Cli.Options;
using MetaMap.Cli.Progress;
using MetaMap.Core;
using MetaMap.Learning.Kernels;

try
{
    LinesAbove.Install();
    // Before the options are created, because they list the available parts.
    Action requirePlugins = Plugins.Load();
    KernelChooser.OfThisMachine.Notice = Notice.Say;
    Command root = AllCommands.Create();
    if (CompletionCommand.Answer(root, args))
    {
        return ExitCode.Ok;
    }

    args = args switch { [] => ["--help"], ["help", .. string[] of] => [.. of, "--help"], _ => args };
    ConfiguredParse line = ConfiguredParse.Of(root, args);
    ParseResult parsed = line.Parsed;
    if (Plugins.AreUsedBy(parsed.CommandResult.Command))
    {
        requirePlugins();
    }

    if ((UsageError.OfEmpty(args) ?? line.Problem) is { } problem)
    {
        Notice.Say(OwnName.In(problem));
        return ExitCode.Usage;
    }

    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
#pragma warning disable CA1031 // The last resort: unexpected errors become one sentence, too.
catch (Exception error)
#pragma warning restore CA1031
{
    (int code, string sentence) = Explain(error);
    Notice.Say(OwnName.In(sentence));
    return code;
}

static (int Code, string Sentence) Explain(Exception error) => error switch
{
    AggregateException { InnerException: { } inner } => Explain(inner),
    ConfigurationException => (ExitCode.Usage, error.Message),
    DataException => (ExitCode.BadData, error.Message),
    UnreachableException => (ExitCode.Unreachable, error.Message),
    FileNotFoundException { FileName: { } missing } when missing.StartsWith("TorchSharp,", StringComparison.Ordinal) =>
        (ExitCode.Usage, "This is the program of a coordinator, which computes nothing and has no libtorch; run this command in the image of a worker (metamap-worker), or through ./metamap."),
    ReadableException or IOException or UnauthorizedAccessException => (ExitCode.Failed, error.Message),
    OperationCanceledException => (ExitCode.Failed, "Stopped before it was done."),
    _ => (ExitCode.Failed, $"{error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")} This is a defect of MetaMap."),
};
