using ClusterChat.Weaver;

// weaver <known-escapes.txt> <output folder> <file that lists assemblies, one a line> <file that lists what they may refer to>
// Writes a rewritten copy of each assembly into the folder. 0: done; 1: not (MSBuild shows the lines as errors); 2: not called like that.
if (args.Length != 4)
{
    Console.Error.WriteLine("Usage: weaver <known-escapes.txt> <output folder> <list of assemblies> <list of references>");
    return 2;
}

var (knownFile, folder) = (args[0], args[1]);
var known = KnownEscapes.Parse(File.ReadAllLines(knownFile));
var files = File.ReadAllLines(args[2]);
var weaving = new Weaving(HookTable.Load(), files.Concat(File.ReadAllLines(args[3])).Select(f => Path.GetDirectoryName(f)!).Distinct(StringComparer.Ordinal));
Directory.CreateDirectory(folder);
foreach (var file in files.Order(StringComparer.Ordinal))
{
    using var source = new MemoryStream(File.ReadAllBytes(file));
    using var target = new MemoryStream();
    Console.WriteLine(weaving.Weave(source, target));
    File.WriteAllBytes(Path.Combine(folder, Path.GetFileName(file)), target.ToArray());
}

var problems = known.Compare(weaving.Found).ToList();
foreach (var problem in problems)
    Console.WriteLine($"{knownFile} : error WEAVE001: {problem}");
return problems.Count == 0 ? 0 : 1;
