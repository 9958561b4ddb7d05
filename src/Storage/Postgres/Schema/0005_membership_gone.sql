-- What the table of nodes before "cluster_node" had besides its view counter.
DROP TABLE node;
DROP TABLE vote;
