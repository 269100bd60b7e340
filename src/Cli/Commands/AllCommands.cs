using System.CommandLine;
using System.CommandLine.Help;
using MetaMap.Cli.Configuration;
using MetaMap.Cli.Help;
using MetaMap.Cli.Options;

namespace MetaMap.Cli.Commands;

/// <summary>The whole command.</summary>
internal static class AllCommands
{
    /// <summary>Creates it, with the options of the parts that are registered.</summary>
    public static Command Create()
    {
        // Not a RootCommand, which is called as its file is.
        Command root = new(OwnName.OfCommand, "MetaMap trains models that learn new tasks from a few examples, on a cluster.") { new HelpOption("--help", "-h"), new VersionOption { Description = "Shows the version." } };
        root.Example("train on drawn characters, which need no data, and measure", "train");
        root.Example("a cluster: a coordinator in one terminal", "coordinator");
        root.Example("workers in others, as many as you like", "worker");
        root.Example("how far it is", "status");
        root.Add(TrainCommand.Create());
        root.Add(CoordinatorCommand.Create());
        root.Add(WorkerCommand.Create());
        root.Add(RunsCommand.Create());
        root.Add(WorkersCommand.Create());
        root.Add(StatusCommand.Create());
        root.Add(ModelCommand.Create());
        root.Add(EvaluateCommand.Create());
        root.Add(AdaptCommand.Create());
        root.Add(PredictCommand.Create());
        root.Add(ExportCommand.Create());
        root.Add(ServeCommand.Create());
        root.Add(GradientCommand.Create());
        root.Add(DataCommand.Create());
        root.Add(BenchCommand.Create());
        root.Add(CertsCommand.Create());
        root.Add(HealthCommand.Create());
        root.Add(PrerequisitesCommand.Create());
        root.Add(ConfigCommand.Create(root));
        root.Add(CompletionCommand.Create());
        ConfiguredParse.AddTo(root);
        GroupedHelp.AddTo(root);
        TextValues.CheckIn(root);
        return root;
    }
}
