"""Given names that are common somewhere, without marks, lower case. They may support a guess, and never make one."""

__all__ = ["GIVEN"]

_WORDS = """
aarav aaron abdul abdullah abdulrahman abebe abena abhishek abigail achieng adam aditya adrian adriana adrienne
agathe agnes agnieszka agus ahmad ahmed ahmet aidan aiden aino aisha aishwarya ajay akira akua alain alan
alastair alba albert alberta alberto aldo alejandra alejandro aleksandra aleksei alena alessandra alessandro
alessio alex alexander alexandre alexey alexis alfie alfred ali alice alicia alina aline alison allan allen
allison alma almaz alvaro alvin alyssa ama amanda amara amber amelia amelie amie amina amir amit amr amy ana
anais anand ananya anastasia anatoly anders andras andre andrea andreas andreea andrei andres andrew andrey
andriy andrzej andy angel angela angelica angelika angeliki angelina angelo angie angus anh anil anita anja
anjali ankit ann anna annabel anne anneke anneli annemarie annette annie annika ante anthony antje antoine
antoinette antonia antonietta antonio antti anze aoi aoife aparecida archie ariana arjun arlene armando arne
artem arthur arturo arun ase asha ashish ashley ashok ashraf astrid attila aubrey audrey aurelie aurora aurore
austin ava axel ayesha aylin ayman ayse ayu ayumi azadeh balazs bambang baptiste baraka barbara barry bart
bartosz bas bassem bastien beata beatrice beatriz becky behzad bekele belinda bella ben bence benedicte bengt
benjamin benoit bernadette bernard bernardo bernd bernice bertha bessie beth bethany betsy betty beulah beverly
bianca bilal biljana bill billie billy birgit birgitta bjarne bjorn blake blanca blaz bob bobbie bobby bogdan
bohdan bola bongani bonnie boris bradley bram brandi brandie brandon brandy brayden brenda brent brett brian
briana brianna bridget brigitte brittany brooke bruce bruna bruno bryan budi burak busra byron caio caleb callum
calvin cameron camila camilla camille camilo candace candice carl carla carlo carlos carmela carmen carol carole
carolina caroline carolyn carrie carson carter casey cassandra catalin catalina catarina caterina catherine
cathy cecelia cecil cecilia cedric celine cem cesar cesare chad chamara chantal charlene charles charlie
charlotte chathura chelsea chen cheri cheryl chester chiara chinedu chioma chloe chris christa christelle
christian christina christine christophe christopher christos christy ciara cindy cinzia claire clara clarence
claude claudia claudio clay clayton clemence clement clifford clifton clint clive clotilde clyde cody cole
colette colin colleen colton conceicao concepcion connie connor constantin consuelo cooper cora corey corinne
cornelia cornelis cory cosmin courtney craig cristian cristina cristobal crystal csaba curtis cynthia daan
daisuke daisy dale dallas damian damon dan dana daniel daniela daniella danielle danny danuta dario darius
dariusz darlene darrell darren darryl darya daryl dave davi david davide dawit dawn dean debbie debora deborah
debra deepa deepak deirdre dejan delilah della delores delphine denis denise deniz dennis derek derrick derya
desiree desislava desmond devin devon dewi dian diana diane dianna dianne didier diego dieter dilshan dimitar
dimitris dina dinesh diogo dirk divya diya dmitri dmitry dolores domenico dominic dominick dominik dominique don
donald donatella donna donnie dora doreen doris dorota dorothea dorothee dorothy douglas dragan dragana dragos
drew duc dulce duncan dung dustin dwayne dwi dwight dylan earl earnestine easton eberhard ebony ebru eddie edgar
edith edmund edna edoardo eduarda eduardo edward edwin eero efrain egon ehsan eileen einar eivind ekaterina eko
elaine eleanor elena eleni eleonora elias elif elijah elin eline elisa elisabeth elise eliza elizabeth elke ella
ellen elliot elliott elmer elodie eloise els elsa elsie elva elzbieta emanuel emanuela emanuele emeka emi emile
emilia emilie emilio emily emine emma emmanuel emre enrico enrique enzo eric erica erich erik erika erin ernest
ernestine ernesto ernst ervin erwin erzsebet esi esperanza esra esteban estela estelle esther eszter ethan ethel
etienne ettore eugen eugene eugenie eun eunice eva evan evelyn everett evgeny evie ewa ezekiel ezra fabian
fabienne fabio fabrice fabrizio fahad faisal faith farhad fatemeh fatima fatma faye federica federico felicia
felipe felix femi femke feng ferenc fern fernanda fernando filippo finley finn fiona fiorella fitri fleur floor
florence florian florin floyd forrest franca frances francesca francesco francis francisca francisco franco
francois francoise frank franklin frantisek franziska frauke fred freda freddie freddy frederic frederick
fredrik freya frida frieda friedrich fritz fyodor gabor gabriel gabriela gabriele gabriella gail ganesh gareth
garrett gary gaston gaurav gavin gayle geeta geir gemma gene genevieve geoff geoffrey georg george georgi
georgia georgina gerald geraldine gerard gerardo gerd gergana gerhard german gerrit gertrude gheorghe ghislaine
giacomo gianluca gianna gianni gilbert gilberto gina ginevra giorgia giorgio giorgos giovanna giovanni gisela
giselle gita giulia giulio giuseppe giuseppina gladys glen glenda glenn glenna gloria gonzalo gopal goran
gordana gordon grace graciela graham grant grayson grazyna greg gregory greta greyson grigory grzegorz guadalupe
gudrun guillaume guillermo gul gulsen gunilla gunnar gunnel gunter gunther guo gustav gustavo guy gwen gwendolyn
gyorgy haile hakon hala halil halina hamid hamish hamza hana hanan hanna hannah hanneke hannelore hannu hans
hany harald hardik harish harlan harold harriet harry haruka haruto harvey hasan hassan hatice hayden hayley
hazel heather heba hector heidi heike heikki heinrich heinz helen helena helene helga heli helmut hendra hendrik
hendrika henk henri henrietta henriette henrik henry henryk herbert herve hilary hilda hildegard hina hiroshi
hisham hoa holger holly hong hope horst hossein howard hristo hua hubert huda hudson hugh hugo hui humberto
hunter huong huseyin hussain hussein hye hyun ian ibrahim ida ifeoma ignacio igor ilaria ildiko ilkka ilona ilse
iman imogen imran imre indah ineke ines inez inge ingeborg inger ingo ingrid ingvild ioana ion ionel ira irena
irene irina iris irma irmgard irving isaac isabel isabela isabella isabelle isaiah isha ishaan isla ismael
ismail istvan ivan ivana iwona jaakko jacek jack jackie jackson jacob jacobus jacqueline jacquelyn jacques jada
jade jaden jadwiga jaime jake jakub jamal james jameson jamie jamil jan jana jane janelle janet janice janie
janine janneke janos jari jaroslav jaroslava jasmine jason jasper javier jaxon jay jayden jayne jean jeanette
jeanne jeannette jeannie jeff jeffrey jelena jemima jenna jennie jennifer jenny jens jeremiah jeremy jeri
jermaine jeroen jerome jerri jerry jerzy jesper jesse jessica jessie jesus jian jie jihoon jill jim jimena jimin
jimmie jimmy jing jiri jiwoo jo joachim joan joana joann joanna joanne joao joaquin jocelyn jochen jodi joe joel
joelle johan johanna johannes john johnnie johnny joko jolanda jolanta jon jonah jonas jonathan joost jordan
jorg jorge jorgen joris jose josef josefa josefina joseph josephine josette josh joshua josiah josie josip joy
joyce jozsef juan juana juanita judit judith judy juha jukka julia julian juliana julie julien juliette julio
juma jun jurgen justin justyna jutta kaden kai kaisa kaitlyn kaleb kalle kamal kamau kamil kara kareem karen
kari karim karin karina karl karla karolina karthik kasper kasun katalin katarina katarzyna kate katerina
katharina katherine kathie kathleen kathrin kathryn kathy katie katja katrin katrina katy kaveh kavita kay kayla
kaylee kazimierz kazuo kees keiko keith kellie kelly kelsey kelvin kemal kemi ken kendra kenji kenneth kent
kenta kerem kerri kerry kerstin kevin khadija khaled khalid kian kiara kim kimberly kinga kingston kiprono
kirill kirk kirsi kirsten kirsty kjell klaus knut koen kofi kojo konstantin konstantinos kostas krishna krista
kristen kristi kristian kristin kristina kristine krisztian krisztina krystyna krzysztof ksenia kumar kumiko
kunal kurt kwame kyle kyra lacey ladislav laila lajos lakshmi lamar lan lana lance landon lara larisa larissa
larry lars lasith laszlo lata latoya laura laure lauren laurence laurent lauri laurie laverne lawrence layla lea
leah leandro lee leena leif leila lela leland lena lenka lennart leo leon leona leonard leonardo leonid leonor
lerato leroy leslie lester leticia lewis li liam liang lieke liesel lieselotte liisa lila liliana lillian lillie
lily lin lina lincoln linda lindsay lindsey linh linnea linus lisa lise lisette liv lloyd logan lois lola lonnie
lora loredana loren lorena lorene lorenzo loretta lori lorna lorraine lothar lotte louis louisa louise lowell
lubna lubos luc luca lucas lucia luciana luciano lucie lucien lucienne lucille lucio lucrezia lucy ludmila
ludovic ludwig luigi luis luisa luise luiz luka lukas lukasz luke luther luuk luz lydia lyla lyle lynda lynette
lynn lyubov lyudmila maaike maarten mabel maciej mack mackenzie maddison maddox madeleine madison mads mae
magdalena maggie magnus maha maher mahesh mahmoud maisie maja majid makayla makoto maksim malachi malcolm
malgorzata malin mandy manfred manoj manon manuel manuela marc marcel marcela marcella marcelo marcia marcin
marcio marco marcos marcus marek margaret margareta margarete margarita margaux margherita margie margit
marguerite mari maria mariam marian mariana mariangela marianne maribel maricel marie marieke marija marijke
mariko marilyn mario marion marisa mariska marisol marissa marit mariusz marja marjorie mark marketa markku
marko markus marla marlene marlies marloes marsha marshall marta martha martijn martin martina martine marvin
marwan mary maryam maryann mason masoud massimo matej mateo mateus mateusz matheus mathieu mathilde matilda
matilde mats matt matteo matthew matthias matti mattias mattie maureen maurice mauricio maurizio maverick max
maxim maxime maximilian maxine mazen mckenzie mechthild meena meera megan meghan megumi mehdi mehmet mei melanie
melinda melissa melody melvin mercedes meredith merel merja mert merve meryem mette mia micah michael michaela
michal micheal michel michela michele michelle michiel michiko miguel miha mihaela mihai mikael mike mikhail
mikkel mikko milan mildred miles millie milton mina mindy minho minjun minna minnie miranda mireille mirjam
mirjana miroslav misaki mitchell miyuki mohamed mohammad mohammed mohit moises mojca molly mona monica monika
monique montserrat morgan moritz morris morten moses muhammad mukesh murat muriel mustafa mykola myra myron
myrtle nabil nada nadege nadezhda nadia nadine nanami nancy nandini naoki naoko naomi narges nasrin nasser
natalia natalie natalya natasha nathalie nathan nathaniel naveen neal neema neeraj neha neil nejc nellie nelson
nenad nestor nettie nevaeh ngozi nguyen niamh nicholas nick nico nicola nicolae nicolas nicole niels nienke
nigel nika nikhil nikki niklas nikola nikolai nikolaj nikolay nikos nils nimal nina nisha nitin njoroge nkosana
noah noel noemi noemie nolan nomsa noor nora norbert noreen noriko norma norman nour nuno nurcan nuria nuwan
obinna oceane octavio odd odette odile oksana ola olaf olav ole oleg oleksandr olga oliver olivia olivier olli
olof olumide oluwaseun omar omer ondrej onur orhan orla orlando ornella osama oscar oskar osman otavio otieno
otis otto owen oystein ozlem pablo paivi pal pallavi paloma pamela panagiotis pankaj paola paolo parisa pascal
patricia patrick patrizia patsy patti patty paul paula paulette paulina pauline paulo pavel pawel paxton pearl
peder pedro peggy pekka penny per percy pernille perry petar pete peter petra petri petrus phil philip philipp
philippa philippe phoebe phuong phyllis pierre pieter pietro pilar pim pinar piotr piper plamen polina pooja
poppy poul pradeep prakash pranav predrag preeti preston priscilla priya putri pyotr qiang quang quentin quincy
quinn rachael rachel radek radha radu rafael rafal raffaele raffaella ragnhild rahul rainer raj rajesh rakesh
ralf ralph raluca ramazan ramesh rami ramiro ramon ramona ramzi rana randall randi randy rania ranjit raquel
rashid rashmi rasmus ratna raul ravi ray raymond raymonde razvan rebeca rebecca rebekah reem reese regina
reginald reinhard reka rekha remi remy ren renata renate renato rene renee reuben rex reza rhonda rhys ricardo
riccardo richard rick ricky rie riitta rik riley rina risto rita ritu riya rizki robert roberta roberto robin
rocco rochelle rocio rodel roderick rodney rodolfo rodrigo roel rogelio roger rohan rohit roland rolando rolf
romain roman ron ronald ronnie roos rosa rosalie rosalind rosario rose rosemarie rosemary rosie ross rossella
rowan rowena roxana roxanne roxie roy ruben ruby rudiger rudolf rudolph rudy rufus rui rune rupert russell ruth
ruthie ruwan ryan ryder ryker ryszard sabine sabrina sachiko sachin sadie saeed sahar said sakshi sakura salem
salim sally salma salvador salvatore sam samantha sameer sami samir samira sammy samuel sana sandeep sander
sandor sandra sandrine sanduni sanja sanjay sanne santiago sara sarah sari sasa sasha saskia satish satoshi satu
saul savannah sawsan scarlett scott sean sebastian sebastien seema segun selam selin sem seojun seoyeon seppo
serena serenity serge sergei sergey sergio serhiy serife serkan seth sevgi shane shannon shanti shari sharif
sharon shaun shawn shawna sheila shelby sheldon shelia shelley shelly shereen sheri sherif sherman sherri sherry
shilpa shinji shirin shirley shiv shreya shruti shweta shyam sibel siddharth sidney siegfried sierra signe
sigrid sigurd silas silje silke silvia silvio simon simona simone simran sinead siobhan sipho siri sirpa sita
siti sjoerd sjoukje skylar slamet slobodan smita sneha snezana sofia sofie soha solange soledad solomon solveig
sonal sonia sonja sonya sophia sophie soren sorin sota spela spencer srinivas stacey staci stacy stanislav
stanislaw stanley stefan stefania stefanie stefano steffi stella stepan stephan stephane stephanie stephen steve
steven stewart stig stjepan stoyan stuart sue suleyman sunil sunita suresh susan susana susanne susie suzanne
suzette sven svend svenja svetlana swati sydney sylvain sylvester sylvia sylvie szabina szabolcs szymon tabitha
takashi takeshi talia tamara tamas tamer tamika tammy tamra tanja tanvi tanya tao tapio tara taras tarek tariq
tarun tasha tatiana tatum tatyana ted terence teresa tereza teri terje tero terrance terrence terri terry
tesfaye tess teun thabo thais thandi thanh thao tharindu thelma themba theo theodore theresa therese thiago
thibault thierry thijs thomas thor thorsten tiago tian tibor tiffany tigist tiina tilen tim timo timothy tina
tiziana tobias toby todd todor tolga tom tomas tomasz tomislav tommaso tommie tommy tomoko tone toni tonia tony
tonya tor torben torbjorn torsten traci tracy trang travis trent trevor trine trisha tristan troels trond troy
trudy tuan tugba tunde tuomas turid tushar tuula tuva tyler tyrone tyson uche uday udo ugo ugur ulf ulla ulrich
ulrike umar umberto unni urban ursa ursel ursula urszula usha ute uwe vaclav vadim vaishali valentina valeria
valerie valerio valery vance vanessa varun vasile vasiliki vasilis vaughn veikko velma vera verna vernon
veronica veronika veronique vesna vicente vicki vickie victor victoria vidya vigdis vijay vikki vikram viktor
ville vincent vincenzo vinicius vinod viola violet virgil virginia virginie vitaly vitor vittoria vittorio vivek
vivian viviane vladimir vojtech volkan volker volodymyr vyacheslav wade wael wahyu waleed walid wallace walter
waltraud wanda wang wangari wanjiru warren wayne wei wen wendi wendy werner weronika wesley weston whitney
wiktoria wilbert wilbur wilfred wilhelm wilhelmina willard willem william willie willis wilma wim winifred
winston wojciech wolfgang woodrow wouter wulan wyatt xander xavier xia xiang xiao ximena xin yan yang yann
yannis yanto yaroslav yash yasin yasmin yasmine yasser yaw yesenia yetunde yevgeny yigit ying yoko yolanda yong
yordanka yoshiko yousef youssef yui yuki yuko yulia yuni yuri yusuf yuto yves yvette yvonne zach zachariah
zachary zahra zaid zainab zakaria zander zane zanele zbigniew zdenek zdenka zdravko zehra zeinab zeynep zhang
zhen zhi zhong ziad ziga zoe zoey zofia zoltan zoran zsolt zsuzsanna zuberi zuzana zuzanna александр александра
алексей алина анастасия анатолий андрей анна артем артём борис вадим валентина валерий вера виктор виктория
виталий владимир вячеслав галина григорий дарья денис дмитрий евгений екатерина елена иван игорь ирина кирилл
константин ксения лариса леонид любовь людмила максим марина мария михаил надежда наталья николай нина оксана
олег ольга павел петр полина пётр роман светлана сергей софия станислав тамара татьяна фёдор юлия юрий أحمد
إبراهيم حسن حسين خالد زينب سارة عائشة عبدالله علي عمر فاطمة ليلى محمد مريم نور يوسف अंजलि अमित प्रिया राज राहुल
सुनीता
"""
GIVEN = frozenset(_WORDS.split())
