using System.Text;
using System.Text.RegularExpressions;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace MetaMap.Architecture.Tests;

/// <summary>
/// Which folder of <c>src</c> uses which: types are found in the sources, what they use in the compiled assemblies. Attributes of
/// an assembly are left out: a list of what a project offers stands above everything that it names.
/// </summary>
internal sealed partial class FolderGraph
{
    private readonly SortedDictionary<string, SortedDictionary<string, string>> _uses = new(StringComparer.Ordinal);

    private FolderGraph() { }

    /// <summary>The graph of this build.</summary>
    public static FolderGraph Current { get; } = Read();

    /// <summary>Folders by their path below <c>src</c>, e.g. <c>Training/Rounds</c>.</summary>
    public IEnumerable<string> Folders => _uses.Keys;

    /// <summary>Pairs of folders that reach each other, with an example of each first step.</summary>
    public IEnumerable<string> Circles() =>
        from folder in Folders
        from use in _uses[folder]
        where Reaches(use.Key, folder)
        select $"{folder} uses {use.Key} ({use.Value}), which uses it in turn";

    /// <summary>One picture per project, without the arrows that follow from others.</summary>
    public string ToMermaid(string project)
    {
        var picture = new StringBuilder("```mermaid\nflowchart TD\n");
        foreach (string folder in Folders.Where(folder => ProjectOf(folder) == project))
        {
            foreach (string used in _uses[folder].Keys.Where(used => ProjectOf(used) == project && !_uses[folder].Keys.Any(other => other != used && Reaches(other, used))))
            {
                picture.Append($"    {Node(folder)} --> {Node(used)}\n");
            }
        }

        return picture.Append("```\n").ToString();

        string Node(string folder) => folder == project ? $"{project}((root))" : $"{folder.Replace('/', '_')}[{folder[(project.Length + 1)..]}]";
    }

    /// <summary>Projects that have more than one folder.</summary>
    public IEnumerable<string> ProjectsWithFolders => Folders.GroupBy(ProjectOf).Where(folders => folders.Count() > 2).Select(folders => folders.Key);

    private static string ProjectOf(string folder) => folder.Split('/')[0];

    private bool Reaches(string from, string to)
    {
        var seen = new HashSet<string>();
        var next = new Stack<string>([from]);
        while (next.TryPop(out string? folder))
        {
            if (folder == to)
            {
                return true;
            }

            if (seen.Add(folder))
            {
                foreach (string used in _uses[folder].Keys)
                {
                    next.Push(used);
                }
            }
        }

        return false;
    }

    private static FolderGraph Read()
    {
        var graph = new FolderGraph();
        Dictionary<string, string> folders = FoldersOfTypes();
        foreach (string folder in folders.Values.Distinct())
        {
            graph._uses[folder] = new SortedDictionary<string, string>(StringComparer.Ordinal);
        }

        foreach (string assembly in Directory.EnumerateFiles(AppContext.BaseDirectory, "MetaMap.*.dll").Where(file => !file.Contains(".Tests.", StringComparison.Ordinal)))
        {
            using AssemblyDefinition definition = AssemblyDefinition.ReadAssembly(assembly);
            foreach (TypeDefinition type in definition.MainModule.Types.Where(type => folders.ContainsKey(NameOf(type))))
            {
                string from = folders[NameOf(type)];
                foreach (string used in UsedBy(type).Distinct().Where(used => folders.TryGetValue(used, out string? to) && to != from))
                {
                    graph._uses[from].TryAdd(folders[used], $"{type.Name.Split('`')[0]} {used.Split('.')[^1]}");
                }
            }
        }

        return graph;
    }

    private static Dictionary<string, string> FoldersOfTypes()
    {
        var folders = new Dictionary<string, string>(StringComparer.Ordinal);
        string root = Repository.PathOf("src");
        foreach (string file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal)))
        {
            string source = File.ReadAllText(file);
            string folder = Path.GetRelativePath(root, Path.GetDirectoryName(file)!).Replace('\\', '/');
            if (Namespace().Match(source) is { Success: true } name)
            {
                foreach (Match type in TopLevelType().Matches(source))
                {
                    folders[$"{name.Groups[1].Value}.{type.Groups[1].Value}"] = folder;
                }
            }
            else if (Path.GetFileName(file) == "Program.cs")
            {
                // What top-level statements are compiled to.
                folders[".Program"] = folder;
            }
        }

        return folders;
    }

    private static IEnumerable<string> UsedBy(TypeDefinition type)
    {
        IEnumerable<TypeReference?> references =
        [
            type.BaseType, .. type.Interfaces.Select(one => one.InterfaceType), .. type.Fields.Select(field => field.FieldType),
            .. Attributes(type), .. type.Properties.SelectMany(Attributes),
            .. type.Methods.SelectMany(method => (IEnumerable<TypeReference?>)
                [method.ReturnType, .. method.Parameters.Select(parameter => parameter.ParameterType), .. method.HasBody ? InBody(method.Body) : []]),
        ];
        return references.SelectMany(Names).Concat(type.NestedTypes.SelectMany(UsedBy));
    }

    private static IEnumerable<TypeReference?> Attributes(ICustomAttributeProvider member) => member.CustomAttributes.Select(attribute => attribute.AttributeType);

    private static IEnumerable<TypeReference?> InBody(MethodBody body) => body.Variables.Select(variable => variable.VariableType)
        .Concat(body.ExceptionHandlers.Select(handler => handler.CatchType))
        .Concat(body.Instructions.SelectMany(Operand));

    private static IEnumerable<TypeReference?> Operand(Instruction instruction) => instruction.Operand switch
    {
        TypeReference type => [type],
        GenericInstanceMethod method => [method.DeclaringType, method.ReturnType, .. method.GenericArguments],
        MethodReference method => [method.DeclaringType, method.ReturnType],
        FieldReference field => [field.DeclaringType, field.FieldType],
        _ => [],
    };

    private static IEnumerable<string> Names(TypeReference? type) => type switch
    {
        null => [],
        GenericInstanceType generic => [.. Names(generic.ElementType), .. generic.GenericArguments.SelectMany(Names)],
        TypeSpecification wrapped => Names(wrapped.ElementType),
        { DeclaringType: { } outer } => Names(outer),
        _ => [NameOf(type)],
    };

    private static string NameOf(TypeReference type) => $"{type.Namespace}.{type.Name.Split('`')[0]}";

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^(?:public|internal) (?:(?:static|abstract|sealed|partial|readonly|unsafe) )*(?:class|record struct|record|struct|interface|enum|delegate [\w.<>?\[\]]+) (\w+)", RegexOptions.Multiline)]
    private static partial Regex TopLevelType();
}
